#ifndef KEYBEARER_CLINUX_H
#define KEYBEARER_CLINUX_H

// What Linux has and Swift's Glibc module does not show.

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// accept4(2): the connection's socket neither blocks nor is inherited.
int keybearer_accept(int listener, struct sockaddr *address, socklen_t *length);

// How many processors this process may run on; 1 where that cannot be told.
int keybearer_usable_processors(void);

#endif
