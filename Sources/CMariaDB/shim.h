#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>
#include <ma_pvio.h>

// Milliseconds to wait for the server's next bytes. The option of that name counts whole seconds, and
// is read when a connection is made.
static inline void mysql_set_read_timeout(MYSQL *mysql, int milliseconds) {
    mysql->net.pvio->timeout[PVIO_READ_TIMEOUT] = milliseconds;
}
