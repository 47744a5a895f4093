#include <mysql.h>
#include <errmsg.h>
#include <mysqld_error.h>
#include <ma_pvio.h>
#include <sys/socket.h>
#include <sys/time.h>

// Milliseconds to wait for the server's next bytes. The option of that name counts whole seconds, and
// is read when a connection is made.
//
// Without TLS libmariadb waits in poll(), for the pvio's time. With TLS it is OpenSSL that reads, from a
// blocking socket, and what bounds that is the socket's own time-out.
static inline void mysql_set_read_timeout(MYSQL *mysql, int milliseconds) {
    MARIADB_PVIO *pvio = mysql->net.pvio;
    if (!pvio) return;
    pvio->timeout[PVIO_READ_TIMEOUT] = milliseconds;
    if (!pvio->ctls) return;
    struct timeval time = {.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    setsockopt(mysql_get_socket(mysql), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
}
