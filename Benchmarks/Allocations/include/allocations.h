// Counts what a thread takes from the heap, so that a benchmark can show that something takes nothing.
#ifndef KEYBEARER_ALLOCATIONS_H
#define KEYBEARER_ALLOCATIONS_H

#include "processors.h"

#include <stdint.h>

/// Allocations of the calling thread since it began.
uint64_t keybearer_allocations(void);

#endif
