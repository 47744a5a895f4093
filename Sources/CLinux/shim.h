// Linux's calls that Glibc's module lacks: it is built without _GNU_SOURCE.
#include <sys/epoll.h>
#include <sys/eventfd.h>

// Spelt without the types of headers that belong to Glibc's module: included here too, they would be
// there or not for other files, depending on which of the two was read first.
int accept4(int socket, void *address, void *address_length, int flags);
void *memmem(const void *bytes, unsigned long count, const void *sought, unsigned long sought_count);
int pthread_setname_np(unsigned long thread, const char *name);
