// What a benchmark of threads needs of Linux that Swift's Glibc module does not show.
#ifndef KEYBEARER_PROCESSORS_H
#define KEYBEARER_PROCESSORS_H

/// The processor that this process may use as its first (0) or second (1); the first where there is no second.
int keybearer_processor(int index);

/// Keeps the calling thread on the processor.
void keybearer_stay_on(int processor);

#endif
