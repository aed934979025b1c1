#include <sqlite3.h>

// sqlite3_config takes any arguments, which Swift cannot call. SQLite locks a mutex with every allocation to count its bytes,
// and allocates 170 times for a change of a key; nobody asks for the count. Without effect once SQLite is in use.
static inline int keybearer_sqlite_without_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
