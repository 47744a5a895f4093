// The service's twin in C: get_messages and send_message on the same libfcgi, libmariadb and libcrypto,
// with the same answers to good requests, byte for byte. scripts/compare-c measures the service beside it.
//
// It makes the same system calls, runs the same statements and makes the same checks. One thread holds
// the idle connections in epoll, receives requests and hands those that are whole to the workers; each
// request is timed, counted and put into the access log. Otherwise it is as fast as plain C is: buffers
// are kept, and nothing is allocated for a request but what libfcgi allocates. Left out is what such a
// request does not pay for: the second secret, CONV_… names, clients' own keys of sends, polls for what
// is new, the check of URLs and of the lengths of files' names, the text of refusals (their status is
// right), all other logs, the page that shows the counters, and what guards against overload and bad
// peers: limits of the queue, of connections and of idle time. An error of the database ends the program;
// SIGTERM ends it at once.
//
// Settings, as the service's: MYSQL_SOCKET, MYSQL_DATABASE, MYSQL_USERNAME, MYSQL_PASSWORD, JWT_SECRET,
// ORBIA_LISTEN, ORBIA_WORKERS, ORBIA_ACCESS_LOG (a path; it must be given).

#define _GNU_SOURCE
#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <fcgios.h>
#include <fcntl.h>
#include <math.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct text { char *bytes; size_t count; };  // bytes NULL: absent
struct buffer { char *bytes; size_t count, capacity; };

enum kind { ABSENT, JSON_NULL, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT };
struct value { enum kind kind; struct text text; };
struct key { const char *name; struct value value; };

struct statement {
    MYSQL_STMT *handle;
    int parameters;  // come first in the three arrays, columns behind them
    MYSQL_BIND binds[24];
    unsigned long lengths[24];
    my_bool nulls[24];
};

struct message {
    struct text id, nickname, avatar, type, content, file_name, file_size, file_type, status;
    int64_t sender, created_at;
    int64_t recallable_until;  // 0: it cannot be recalled
    struct text event, quote;  // JSON
};

enum endpoint { OTHER, GET_MESSAGES, SEND_MESSAGE, ENDPOINTS };

// What is counted and logged of a request. Times are in microseconds.
struct record {
    char id[40];
    enum endpoint endpoint;
    int64_t user;  // 0: not known
    int status, statements;
    int64_t total, queue, database;
};

struct worker {
    MYSQL *database;
    struct statement access, messages, send;
    EVP_MAC_CTX *mac;
    struct buffer body, token, rows, answer;
    uint64_t key, sent;  // what makes a send known for the same when it is tried again
    struct record record;
    int64_t statement_began;
};

static void must(bool succeeded, const char *what) {
    if (!succeeded) fprintf(stderr, "twin: %s (errno %d)\n", what, errno), exit(1);
}

static bool equal(struct text text, const char *other) {
    return text.bytes && text.count == strlen(other) && !memcmp(text.bytes, other, text.count);
}

static int64_t microseconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

// Writing JSON --------------------------------------------------------------------------------------

static char *reserve(struct buffer *b, size_t more) {
    if (b->count + more > b->capacity) {
        b->capacity = 2 * (b->count + more);
        must((b->bytes = realloc(b->bytes, b->capacity)) != NULL, "memory");
    }
    return b->bytes + b->count;
}

static void append(struct buffer *b, const char *bytes, size_t count) {
    memcpy(reserve(b, count), bytes, count);
    b->count += count;
}

#define LITERAL(b, text) append(b, text, sizeof text - 1)

static void append_integer(struct buffer *b, int64_t value) {
    char digits[20], *first = digits + sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do *--first = '0' + rest % 10; while (rest /= 10);
    if (value < 0) *--first = '-';
    append(b, first, digits + sizeof digits - first);
}

static void append_string(struct buffer *b, struct text text) {
    if (!text.bytes) return LITERAL(b, "null");
    char *to = reserve(b, 6 * text.count + 2);
    *to++ = '"';
    for (const char *from = text.bytes, *end = from + text.count; from < end; from++) {
        unsigned char byte = *from;
        if (byte >= 0x20 && byte != '"' && byte != '\\') { *to++ = byte; continue; }
        const char *pair = byte ? strchr("\"\"\\\\\bb\tt\nn\ff\rr", byte) : NULL;
        to += pair ? sprintf(to, "\\%c", pair[1]) : sprintf(to, "\\u%04x", byte);
    }
    *to++ = '"';
    b->count = to - b->bytes;
}

static void append_message(struct buffer *b, int64_t conversation, const struct message *m, bool with_nulls) {
    char name[32];
    struct text nickname = m->nickname;
    if (!nickname.count) nickname = (struct text){name, sprintf(name, "用户%ld", m->sender)};
    LITERAL(b, "{\"message_id\":"), append_string(b, m->id);
    LITERAL(b, ",\"conversation_id\":"), append_integer(b, conversation);
    LITERAL(b, ",\"sender_id\":"), append_integer(b, m->sender);
    LITERAL(b, ",\"sender_nickname\":"), append_string(b, nickname);
    LITERAL(b, ",\"sender_avatar_url\":"), append_string(b, m->avatar);
    LITERAL(b, ",\"message_type\":"), append_string(b, m->type);
    LITERAL(b, ",\"content\":"), append_string(b, m->content);
    if (m->file_name.bytes || with_nulls) LITERAL(b, ",\"file_name\":"), append_string(b, m->file_name);
    if (m->file_size.bytes) LITERAL(b, ",\"file_size\":"), append_integer(b, *(int64_t *)m->file_size.bytes);
    else if (with_nulls) LITERAL(b, ",\"file_size\":null");
    if (m->file_type.bytes || with_nulls) LITERAL(b, ",\"file_type\":"), append_string(b, m->file_type);
    LITERAL(b, ",\"status\":"), append_string(b, m->status);
    LITERAL(b, ",\"created_at\":"), append_integer(b, m->created_at);
    if (m->event.bytes) LITERAL(b, ",\"event\":"), append(b, m->event.bytes, m->event.count);
    if (m->quote.bytes) LITERAL(b, ",\"reply_to\":"), append(b, m->quote.bytes, m->quote.count);
    if (m->recallable_until) LITERAL(b, ",\"recallable_until\":"), append_integer(b, m->recallable_until);
    LITERAL(b, "}");
}

// Reading JSON --------------------------------------------------------------------------------------

struct parser { char *at, *end; };

// The bytes of the character at `at`, and its number; 0 where it is not UTF-8 (RFC 3629, section 4).
static int decode(const char *at, const char *end, uint32_t *code) {
    const unsigned char *p = (const unsigned char *)at;
    int count = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (count == 0 || end - at < count) return 0;
    *code = count == 1 ? p[0] : p[0] & (0x7F >> count);
    for (int i = 1; i < count; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
        *code = *code << 6 | (p[i] & 0x3F);
    }
    bool overlong = *code < (count == 3 ? 0x800 : count == 4 ? 0x10000 : 0);
    return overlong || (*code >= 0xD800 && *code < 0xE000) || *code > 0x10FFFF ? 0 : count;
}

// The parser's end is a NUL, which no rule of the grammar takes.
static bool take(struct parser *p, char byte) {
    if (*p->at != byte) return false;
    p->at++;
    return true;
}

static void skip_space(struct parser *p) {
    while (*p->at == ' ' || *p->at == '\n' || *p->at == '\r' || *p->at == '\t') p->at++;
}

static bool take_digits(struct parser *p) {
    size_t count = strspn(p->at, "0123456789");
    p->at += count;
    return count > 0;
}

static bool take_word(struct parser *p, const char *word) {
    while (*word && take(p, *word)) word++;
    return !*word;
}

static bool take_unit(struct parser *p, uint32_t *unit) {
    char digits[5] = {0};
    if (strspn(p->at, "0123456789abcdefABCDEF") < 4) return false;
    *unit = strtoul(memcpy(digits, p->at, 4), NULL, 16);
    p->at += 4;
    return true;
}

static bool take_escape(struct parser *p, char **to) {
    static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    const char *name = *p->at ? strchr(names, *p->at) : NULL;
    if (name) { *(*to)++ = bytes[name - names]; p->at++; return true; }
    uint32_t code, second;
    if (!take(p, 'u') || !take_unit(p, &code) || (code >= 0xDC00 && code < 0xE000)) return false;
    if (code >= 0xD800 && code < 0xDC00) {
        if (!take_word(p, "\\u") || !take_unit(p, &second) || second < 0xDC00 || second >= 0xE000) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
    }
    int tail = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    *(*to)++ = tail ? (0xF0 << (3 - tail) & 0xFF) | code >> 6 * tail : code;
    while (tail-- > 0) *(*to)++ = 0x80 | (code >> 6 * tail & 0x3F);
    return true;
}

// Where it stands: without its escapes a string is never longer.
static bool take_string(struct parser *p, struct text *text) {
    uint32_t code;
    if (!take(p, '"')) return false;
    char *to = text->bytes = p->at;
    while (!take(p, '"')) {
        unsigned char byte = *p->at;
        if (byte == '\\') {
            p->at++;
            if (!take_escape(p, &to)) return false;
            continue;
        }
        int count = byte < 0x20 ? 0 : byte < 0x80 ? 1 : decode(p->at, p->end, &code);
        if (count == 0) return false;
        if (to != p->at) memmove(to, p->at, count);
        to += count, p->at += count;
    }
    text->count = to - text->bytes;
    return true;
}

static bool take_number(struct parser *p, struct text *text) {
    text->bytes = p->at;
    take(p, '-');
    if (!take(p, '0') && !take_digits(p)) return false;
    if (take(p, '.') && !take_digits(p)) return false;
    if ((take(p, 'e') || take(p, 'E')) && (take(p, '+') || take(p, '-') || true) && !take_digits(p)) return false;
    text->count = p->at - text->bytes;
    return true;
}

// Of an object, the members with the names in `keys` are kept: of doubled ones the last.
static bool take_value(struct parser *p, int depth, struct value *value, struct key *keys, int count) {
    char first = *p->at, closing = first + 2;
    switch (first) {
    case '"': value->kind = STRING; return take_string(p, &value->text);
    case 't': value->kind = BOOLEAN; return take_word(p, "true");
    case 'f': value->kind = BOOLEAN; return take_word(p, "false");
    case 'n': value->kind = JSON_NULL; return take_word(p, "null");
    case '[': case '{': value->kind = first == '{' ? OBJECT : ARRAY; break;
    default: value->kind = NUMBER; return take_number(p, &value->text);
    }
    if (++depth > 128) return false;
    p->at++, skip_space(p);
    if (take(p, closing)) return true;
    do {
        struct value ignored, *member = &ignored;
        struct text name;
        skip_space(p);
        if (first == '{') {
            if (!take_string(p, &name)) return false;
            for (int i = 0; i < count; i++) if (equal(name, keys[i].name)) member = &keys[i].value;
            skip_space(p);
            if (!take(p, ':')) return false;
            skip_space(p);
        }
        if (!take_value(p, depth, member, NULL, 0)) return false;
        skip_space(p);
    } while (take(p, ','));
    return take(p, closing);
}

// `text` has a byte of room behind it, for the NUL.
static bool parse_object(struct text text, struct key *keys, int count) {
    struct parser p = {text.bytes, text.bytes + text.count};
    struct value value;
    *p.end = 0;
    skip_space(&p);
    if (!take_value(&p, 0, &value, keys, count)) return false;
    skip_space(&p);
    return p.at == p.end && value.kind == OBJECT;
}

// A number's text ends at a byte that is none of a number's: the two functions of C need no more.
static bool integer(struct value value, int64_t *result) {
    char *end;
    if (value.kind != NUMBER) return false;
    errno = 0;
    *result = strtoll(value.text.bytes, &end, 10);
    if (end == value.text.bytes + value.text.count) return errno == 0;
    double number = strtod(value.text.bytes, NULL);
    *result = fabs(number) < 9e18 ? (int64_t)number : 0;
    return fabs(number) < 9e18 && number == floor(number);
}

static bool integer_or_digits(struct value value, int64_t *result) {
    if (value.kind == STRING && value.text.count && strspn(value.text.bytes, "0123456789") == value.text.count)
        value.kind = NUMBER;
    return integer(value, result);
}

// The token -----------------------------------------------------------------------------------------

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static signed char values[256];

// base64url without padding, in canonical form; room for a NUL is left behind the result.
static bool decode_base64(struct buffer *b, const char *text, size_t count, struct text *result) {
    uint32_t bits = 0;
    int left = 0;
    char *to = result->bytes = b->bytes + b->count;
    for (size_t i = 0; i < count; i++) {
        int value = values[(unsigned char)text[i]];
        if (value < 0) return false;
        bits = bits << 6 | value;
        if ((left += 6) >= 8) *to++ = bits >> (left -= 8);
    }
    result->count = to - result->bytes;
    b->count += result->count + 1;
    return count % 4 != 1 && !(bits & ((1u << left) - 1));
}

static bool sign(struct worker *w, const char *bytes, size_t count, unsigned char code[32]) {
    size_t length;
    return EVP_MAC_init(w->mac, NULL, 0, NULL) && EVP_MAC_update(w->mac, (const unsigned char *)bytes, count)
        && EVP_MAC_final(w->mac, code, &length, 32) && length == 32;
}

static bool authenticate(struct worker *w, const char *authorization, int64_t now, int64_t *user) {
    enum { ALG, CRIT };
    enum { EXP, NBF, USER, SUB };
    struct key header[] = {{.name = "alg"}, {.name = "crit"}};
    struct key claims[] = {{.name = "exp"}, {.name = "nbf"}, {.name = "user_id"}, {.name = "sub"}};
    struct text signature, first, second;
    unsigned char code[32];
    if (!authorization || strncasecmp(authorization, "bearer ", 7)) return false;
    const char *token = authorization + 7 + strspn(authorization + 7, " ");
    const char *dot = strchr(token, '.'), *end = dot ? strchr(dot + 1, '.') : NULL;
    w->token.count = 0, reserve(&w->token, strlen(token) + 4);
    if (!end || !decode_base64(&w->token, end + 1, strlen(end + 1), &signature) || signature.count != 32
        || !sign(w, token, end - token, code) || CRYPTO_memcmp(code, signature.bytes, 32)
        || !decode_base64(&w->token, token, dot - token, &first) || !parse_object(first, header, 2)
        || !decode_base64(&w->token, dot + 1, end - dot - 1, &second) || !parse_object(second, claims, 4))
        return false;
    struct value exp = claims[EXP].value, nbf = claims[NBF].value;
    if (header[ALG].value.kind != STRING || !equal(header[ALG].value.text, "HS256")) return false;
    if (header[CRIT].value.kind != ABSENT || exp.kind != NUMBER) return false;
    if (now >= strtod(exp.text.bytes, NULL) + 30) return false;
    if (nbf.kind != ABSENT && (nbf.kind != NUMBER || now + 30 < strtod(nbf.text.bytes, NULL))) return false;
    return integer_or_digits(claims[claims[USER].value.kind == ABSENT ? SUB : USER].value, user) && *user > 0;
}

// The database --------------------------------------------------------------------------------------

// `types`: a character a parameter, a space, one a column: i for an integer, or the most bytes of a
// text: s 512, m 2 KB, l 64 KB. Nothing in these tables is longer, so that no column is ever cut.
static void prepare(struct worker *w, struct statement *s, const char *types, const char *sql) {
    s->parameters = strchr(types, ' ') - types;
    s->handle = mysql_stmt_init(w->database);
    must(mysql_stmt_prepare(s->handle, sql, strlen(sql)) == 0, mysql_stmt_error(s->handle));
    for (int i = 0; *types; types++) {
        if (*types == ' ') continue;
        size_t size = *types == 'i' ? 8 : *types == 's' ? 512 : *types == 'm' ? 2048 : 65536;
        s->binds[i] = (MYSQL_BIND){
            .buffer_type = *types == 'i' ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING, .buffer = malloc(size),
            .buffer_length = size, .length = &s->lengths[i], .is_null = &s->nulls[i],
        };
        i++;
    }
    mysql_stmt_bind_param(s->handle, s->binds);
}

#define QUOTED "'message_id', q.message_id, 'sender_id', q.sender_id, 'sender_nickname', " \
    "COALESCE(NULLIF(qu.nickname, ''), CONCAT('用户', q.sender_id)), 'message_type', COALESCE(q.message_type, 'text')"

static void open_database(struct worker *w) {
    w->database = mysql_init(NULL);
    mysql_options(w->database, MYSQL_OPT_CONNECT_TIMEOUT, &(unsigned){1});
    mysql_options(w->database, MYSQL_OPT_READ_TIMEOUT, &(unsigned){3});
    mysql_options(w->database, MYSQL_OPT_WRITE_TIMEOUT, &(unsigned){2});
    mysql_options(w->database, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    mysql_options(w->database, MYSQL_INIT_COMMAND,
        "SET SESSION time_zone = '+00:00', tx_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 2, "
        "sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'");
    must(mysql_real_connect(w->database, NULL, getenv("MYSQL_USERNAME"), getenv("MYSQL_PASSWORD"),
        getenv("MYSQL_DATABASE"), 0, getenv("MYSQL_SOCKET"), 0) != NULL, mysql_error(w->database));
    prepare(w, &w->access, "ii siii",
        "SELECT u.status, c.id, m.user_id, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) FROM orbia_user u "
        "LEFT JOIN orbia_conversation c ON c.id = ? AND c.deleted_at IS NULL "
        "LEFT JOIN orbia_conversation_member m ON m.conversation_id = c.id AND m.user_id = u.id WHERE u.id = ?");
    prepare(w, &w->messages, "iii sismslmimsismm",
        "SELECT m.message_id, m.sender_id, u.nickname, u.avatar_url, m.message_type, m.content, m.file_name, "
        "m.file_size, m.file_type, m.status, CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), "
        "IF(m.client_message_id LIKE 'server:%', NULL, m.client_message_id), "
        "IF(m.message_type = 'system', m.event, NULL), IF(m.reply_to IS NULL, NULL, "
        "CASE WHEN q.id IS NULL THEN NULL WHEN q.deleted_at IS NULL THEN JSON_OBJECT(" QUOTED ", "
        "'content', LEFT(COALESCE(q.content, ''), 200), 'file_name', q.file_name) "
        "ELSE JSON_OBJECT(" QUOTED ", 'recalled', TRUE) END) "
        "FROM orbia_message m LEFT JOIN orbia_user u ON u.id = m.sender_id "
        "LEFT JOIN orbia_message q ON q.id = m.reply_to LEFT JOIN orbia_user qu ON qu.id = q.sender_id "
        "WHERE m.conversation_id = ? AND m.created_at < COALESCE(FROM_UNIXTIME(GREATEST(?, 1) / 1000), TIMESTAMP '9999-12-31 23:59:59') "
        "AND m.deleted_at IS NULL "
        "ORDER BY m.created_at DESC, m.id DESC LIMIT ?");
    prepare(w, &w->send, "iisslmimss ssismsimi", "CALL orbia_post_message(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE)");
}

static void set_integer(struct statement *s, int i, const int64_t *value) {
    s->nulls[i] = !value;
    if (value) *(int64_t *)s->binds[i].buffer = *value;
}

static void set_text(struct statement *s, int i, struct text text) {
    s->nulls[i] = !text.bytes;
    s->lengths[i] = text.count;
    if (text.bytes) memcpy(s->binds[i].buffer, text.bytes, text.count);
}

static struct text column(struct statement *s, int i) {
    i += s->parameters;
    return s->nulls[i] ? (struct text){NULL, 0} : (struct text){s->binds[i].buffer, s->lengths[i]};
}

static int64_t column_integer(struct statement *s, int i) {
    return *(int64_t *)s->binds[s->parameters + i].buffer;
}

static void execute(struct worker *w, struct statement *s) {
    w->statement_began = microseconds(CLOCK_MONOTONIC);
    w->record.statements++;
    for (int attempt = 1; mysql_stmt_execute(s->handle) != 0; attempt++) {
        must(mysql_stmt_errno(s->handle) == ER_LOCK_DEADLOCK && attempt < 8, mysql_stmt_error(s->handle));
        usleep(rand() % 1000 * attempt);
    }
    // A CALL forgets its columns from one execution to the next.
    must(mysql_stmt_bind_result(s->handle, s->binds + s->parameters) == 0, mysql_stmt_error(s->handle));
}

static bool fetch(struct statement *s) {
    int result = mysql_stmt_fetch(s->handle);
    must(result == 0 || result == MYSQL_NO_DATA, mysql_stmt_error(s->handle));
    return result == 0;
}

static void finish(struct worker *w, struct statement *s) {
    do mysql_stmt_free_result(s->handle);
    while (mysql_stmt_more_results(s->handle) && mysql_stmt_next_result(s->handle) <= 0);
    w->record.database += microseconds(CLOCK_MONOTONIC) - w->statement_began;
}

// The endpoints: each returns the status, and with 200 has begun the answer's object ----------------

enum { CONVERSATION, BEFORE, LIMIT, TYPE, CONTENT, FILE_NAME, FILE_SIZE, FILE_TYPE, KEYS };
static const char *const names[KEYS] = {
    "conversation_id", "before_timestamp", "limit", "message_type", "content", "file_name", "file_size", "file_type",
};

static bool is_given(struct value value) { return value.kind != ABSENT && value.kind != JSON_NULL; }

static bool read_integer(struct value value, int64_t least, int64_t *result) {
    return !is_given(value) || (integer(value, result) && *result >= least);
}

// Between two statements the server has nothing to say but goodbye.
static void check_database(struct worker *w) {
    struct pollfd descriptor = {.fd = mysql_get_socket(w->database), .events = POLLIN};
    must(poll(&descriptor, 1, 0) == 0, "the database has closed the connection");
}

// Until when its sender may recall it, by the service's defaults.
static void set_recall(struct message *m, int64_t user, int64_t present) {
    int64_t end = m->created_at + (equal(m->type, "text") ? 2 : 180) * INT64_C(60000);
    if (m->sender == user && end > present && !equal(m->type, "system")) m->recallable_until = end;
}

static int get_messages(struct worker *w, struct key *keys, int64_t user) {
    int64_t id, before = 0, limit = 20, least = 0;
    if (!integer_or_digits(keys[CONVERSATION].value, &id) || id <= 0) return 400;
    if (!read_integer(keys[BEFORE].value, INT64_MIN, &before)) return 400;
    if (!read_integer(keys[LIMIT].value, 1, &limit)) return 400;
    if (limit > 100) limit = 100;

    check_database(w);
    struct statement *s = &w->access;
    set_integer(s, 0, &id), set_integer(s, 1, &user);
    execute(w, s);
    int status = !fetch(s) ? 401 : !equal(column(s, 0), "normal") ? 403 : !column(s, 1).bytes ? 404
        : !column(s, 2).bytes ? 403 : 200;
    int64_t present = status == 200 ? column_integer(s, 3) : 0;
    finish(w, s);
    if (status != 200) return status;

    // One more than asked for tells whether there are more. They come newest first.
    size_t ends[102] = {0};
    int count = 0;
    s = &w->messages;
    set_integer(s, 0, &id), set_integer(s, 2, &(int64_t){limit + 1});
    set_integer(s, 1, !is_given(keys[BEFORE].value) ? NULL : before < 0 ? &least : &before);
    w->rows.count = 0;
    for (execute(w, s); fetch(s); ends[++count] = w->rows.count) {
        struct message message = {
            column(s, 0), column(s, 2), column(s, 3), column(s, 4), column(s, 5), column(s, 6), column(s, 7),
            column(s, 8), column(s, 9), column_integer(s, 1), column_integer(s, 10), 0, column(s, 12), column(s, 13),
        };
        set_recall(&message, user, present);
        append_message(&w->rows, id, &message, false);
    }
    finish(w, s);
    bool has_more = count > limit;
    LITERAL(&w->answer, "{\"messages\":[");
    for (int row = count - has_more; row > 0; row--) {
        append(&w->answer, w->rows.bytes + ends[row - 1], ends[row] - ends[row - 1]);
        if (row > 1) LITERAL(&w->answer, ",");
    }
    if (has_more) LITERAL(&w->answer, "],\"has_more\":true"); else LITERAL(&w->answer, "],\"has_more\":false");
    return 200;
}

// Whether anything is to be seen; control and format characters as far as people type them.
static bool is_blank(struct text text) {
    uint32_t c;
    for (const char *at = text.bytes, *end = at + text.count; at < end;) {
        at += decode(at, end, &c);
        if (c > 0x20 && (c < 0x7F || c > 0xA0) && c != 0xAD && c != 0x1680 && (c < 0x2000 || c > 0x200F)
            && (c < 0x2028 || c > 0x202F) && (c < 0x205F || c > 0x206F) && c != 0x3000 && c != 0xFEFF) return false;
    }
    return true;
}

static int send_message(struct worker *w, struct key *keys, int64_t user) {
    static const char *const types[] = {"text", "image", "file", "video", "audio"};
    struct value type = keys[TYPE].value, content = keys[CONTENT].value, size = keys[FILE_SIZE].value;
    int64_t id, file_size = 0;
    bool known = false;
    for (int i = 0; i < 5; i++) known |= type.kind == STRING && equal(type.text, types[i]);
    if (!integer_or_digits(keys[CONVERSATION].value, &id) || id <= 0 || !known || content.kind != STRING) return 400;
    if (content.text.count > 65535 || is_blank(content.text) || !read_integer(size, 0, &file_size)) return 400;
    struct message message = {
        .sender = user, .type = type.text, .content = content.text, .file_name = keys[FILE_NAME].value.text,
        .file_size = {is_given(size) ? (char *)&file_size : NULL, 8}, .file_type = keys[FILE_TYPE].value.text,
        .status = {"sent", 4},
    };
    if (message.file_name.count > 2000 || message.file_type.count > 400) return 400;

    check_database(w);
    struct statement *s = &w->send;
    set_integer(s, 0, &user), set_integer(s, 1, &id), set_text(s, 2, (struct text){NULL, 0});
    set_text(s, 3, message.type), set_text(s, 4, message.content), set_text(s, 5, message.file_name);
    set_integer(s, 6, (int64_t *)message.file_size.bytes), set_text(s, 7, message.file_type);
    char key[40];
    set_text(s, 8, (struct text){key, sprintf(key, "server:%016lx%016lx", w->key, ++w->sent)});
    set_text(s, 9, (struct text){NULL, 0});
    execute(w, s);
    must(fetch(s), "orbia_post_message gave no row");
    struct text outcome = column(s, 0);
    message.id = column(s, 1), message.nickname = column(s, 3), message.avatar = column(s, 4);
    message.created_at = column_integer(s, 2), message.quote = column(s, 7);
    set_recall(&message, user, column_integer(s, 8));
    finish(w, s);
    if (equal(outcome, "unknown_user")) return 401;
    if (equal(outcome, "user_not_normal") || equal(outcome, "not_a_member")) return 403;
    if (!equal(outcome, "sent")) return equal(outcome, "no_conversation") ? 404 : 400;
    LITERAL(&w->answer, "{\"message\":"), append_message(&w->answer, id, &message, true);
    return 200;
}

static int answer(struct worker *w, FCGX_ParamArray parameters) {
    const char *path = FCGX_GetParam("SCRIPT_NAME", parameters), *method = FCGX_GetParam("REQUEST_METHOD", parameters);
    struct key keys[KEYS] = {0};
    int64_t user;
    bool sends = path && !strcmp(path, "/api/v1/conversation/send_message");
    for (int i = 0; i < KEYS; i++) keys[i].name = names[i];
    if (!sends && (!path || strcmp(path, "/api/v1/conversation/get_messages"))) return 404;
    w->record.endpoint = sends ? SEND_MESSAGE : GET_MESSAGES;
    if (!method || strcmp(method, "POST")) return 405;
    if (w->body.count > 512 * 1024) return 413;
    if (!authenticate(w, FCGX_GetParam("HTTP_AUTHORIZATION", parameters), time(NULL), &user)) return 401;
    w->record.user = user;
    if (w->body.count && !parse_object((struct text){w->body.bytes, w->body.count}, keys, KEYS)) return 400;
    return sends ? send_message(w, keys, user) : get_messages(w, keys, user);
}

// The access log and the counters -------------------------------------------------------------------

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER, counters_lock = PTHREAD_MUTEX_INITIALIZER;
static struct buffer log_lines;
static int log_file;

// Not static: nobody reads them, and the compiler would leave out what it knows is never read.
struct { uint64_t count, sum, buckets[16]; } request_times[ENDPOINTS], queue_times;
struct { uint64_t requests[ENDPOINTS][600], statements, database_time, accepted, closed; } counters;

static void log_record(const struct record *record) {
    static const char *const endpoints[] = {"other", "get_messages", "send_message"};
    char line[320], date[32], user[24] = "null";
    struct tm parts;
    int64_t now = microseconds(CLOCK_REALTIME);
    strftime(date, sizeof date, "%FT%T", gmtime_r(&(time_t){now / 1000000}, &parts));
    if (record->user) sprintf(user, "%ld", record->user);
    const char *quote = *record->id ? "\"" : "";
    int count = snprintf(line, sizeof line, "{\"time\":\"%s.%03ldZ\",\"request\":%s%s%s,\"user\":%s,"
        "\"endpoint\":\"%s\",\"status\":%d,\"total_us\":%ld,\"queue_us\":%ld,\"database_us\":%ld,\"statements\":%d}\n",
        date, now / 1000 % 1000, quote, *record->id ? record->id : "null", quote, user,
        endpoints[record->endpoint], record->status, record->total, record->queue, record->database,
        record->statements);
    pthread_mutex_lock(&log_lock);
    append(&log_lines, line, count);
    pthread_mutex_unlock(&log_lock);
}

// Called by one thread alone; the workers go on in the other of two buffers.
static void flush_log(void) {
    static struct buffer lines;
    pthread_mutex_lock(&log_lock);
    struct buffer full = log_lines;
    log_lines = lines;
    pthread_mutex_unlock(&log_lock);
    for (size_t done = 0; done < full.count;) {
        ssize_t count = write(log_file, full.bytes + done, full.count - done);
        must(count > 0, "the access log");
        done += count;
    }
    full.count = 0;
    lines = full;
}

// Each bucket is twice as wide as the one before.
static int bucket(int64_t time) {
    int i = 0;
    while (i < 15 && time > 500 << i) i++;
    return i;
}

static void count_record(const struct record *record) {
    int request_bucket = bucket(record->total), queue_bucket = bucket(record->queue);
    pthread_mutex_lock(&counters_lock);
    counters.requests[record->endpoint][record->status]++;
    counters.statements += record->statements;
    counters.database_time += record->database;
    request_times[record->endpoint].count++;
    request_times[record->endpoint].sum += record->total;
    request_times[record->endpoint].buckets[request_bucket]++;
    queue_times.count++;
    queue_times.sum += record->queue;
    queue_times.buckets[queue_bucket]++;
    pthread_mutex_unlock(&counters_lock);
}

// Connections ---------------------------------------------------------------------------------------

// The dispatcher's, but while it is `busy` a worker's; `busy`, `gone` and `input` (something came
// meanwhile) are under queue_lock. The dispatcher alone lets it go.
struct connection {
    FCGX_Request request;
    struct connection *next;  // in the queue
    struct buffer received;   // of the request at hand
    size_t whole, read;       // how far it was looked at, and how far libfcgi has read
    int descriptor;
    bool busy, gone, input;
    int64_t ready;            // when its request was there
};

static int listener, readiness;
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static struct connection *first, **last = &first;  // under queue_lock
static _Thread_local struct connection *current;

// libfcgi calls these three in the place of its own: a program's functions come before a library's.
int OS_Read(int descriptor, char *bytes, size_t count) {
    (void)descriptor;
    size_t left = current->received.count - current->read;
    if (count > left) count = left;
    memcpy(bytes, current->received.bytes + current->read, count);
    current->read += count;
    return count;
}

int OS_Write(int descriptor, char *bytes, size_t count) {
    struct pollfd waits = {.fd = descriptor, .events = POLLOUT};
    ssize_t result;
    do result = send(descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (result < 0 && errno == EAGAIN && poll(&waits, 1, 5000) == 1);
    return result;
}

int OS_IpcClose(int descriptor, int shutdown) {
    (void)descriptor, (void)shutdown;
    return 0;
}

static void watch(struct connection *c, int operation) {
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    must(epoll_ctl(readiness, operation, c->descriptor, &event) == 0, "epoll_ctl");
}

static void close_connection(struct connection *c) {
    close(c->descriptor);
    free(c->received.bytes);
    free(c);
    pthread_mutex_lock(&counters_lock);
    counters.closed++;
    pthread_mutex_unlock(&counters_lock);
}

static void accept_connection(void) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) return;
    struct connection *c = calloc(1, sizeof *c);
    must(c != NULL, "memory");
    FCGX_InitRequest(&c->request, -1, 0);
    c->descriptor = c->request.ipcFd = descriptor, c->request.keepConnection = 1;
    pthread_mutex_lock(&counters_lock);
    counters.accepted++;
    pthread_mutex_unlock(&counters_lock);
    watch(c, EPOLL_CTL_ADD);
}

// Takes what is there; whether it is a whole request: it ends with an empty record of its body.
static bool receive(struct connection *c) {
    ssize_t count;
    do {
        count = recv(c->descriptor, reserve(&c->received, 65536), 65536, MSG_DONTWAIT);
        if (count > 0) c->received.count += count;
    } while (count == 65536);
    while (c->received.count - c->whole >= 8) {
        const unsigned char *head = (unsigned char *)c->received.bytes + c->whole;
        size_t content = head[4] << 8 | head[5], record = 8 + content + head[6];
        if (c->received.count - c->whole < record) return false;
        c->whole += record;
        if (head[1] == FCGI_STDIN && content == 0) return true;
    }
    return false;
}

static void *dispatch(void *nothing) {
    struct epoll_event events[64];
    while (true) {
        int count = epoll_wait(readiness, events, 64, -1);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c) { accept_connection(); continue; }
            bool has_gone = events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
            pthread_mutex_lock(&queue_lock);
            bool is_busy = c->busy;
            if (has_gone) c->gone = true;
            else c->input = is_busy;
            pthread_mutex_unlock(&queue_lock);
            if (is_busy) continue;
            if (has_gone) { close_connection(c); continue; }
            if (!receive(c)) continue;
            c->ready = microseconds(CLOCK_MONOTONIC), c->next = NULL;
            pthread_mutex_lock(&queue_lock);
            c->busy = true;
            *last = c, last = &c->next;
            pthread_cond_signal(&queue_filled);
            pthread_mutex_unlock(&queue_lock);
        }
    }
    return nothing;
}

static struct connection *take_connection(void) {
    pthread_mutex_lock(&queue_lock);
    while (!first) pthread_cond_wait(&queue_filled, &queue_lock);
    struct connection *c = first;
    if (!(first = c->next)) last = &first;
    pthread_mutex_unlock(&queue_lock);
    return c;
}

// Gives it back. One that is to be closed is shut down, so that the dispatcher hears of it.
static void return_connection(struct connection *c, bool stays) {
    c->received.count = c->whole = c->read = 0;
    pthread_mutex_lock(&queue_lock);
    if (!stays || c->gone) shutdown(c->descriptor, SHUT_RDWR);
    else if (c->input) watch(c, EPOLL_CTL_MOD);  // which has it reported once more
    c->busy = c->input = false;
    pthread_mutex_unlock(&queue_lock);
}

// Answers the request that the connection has; false when there was none to answer.
static bool serve(struct worker *w, FCGX_Request *r) {
    int read;
    char head[128];
    if (FCGX_Accept_r(r) != 0) return false;
    r->appStatus = 0;
    w->body.count = w->answer.count = 0;
    while ((read = FCGX_GetStr(reserve(&w->body, 8193), 8192, r->in)) > 0) w->body.count += read;
    if (FCGX_GetError(r->in)) return FCGX_Finish_r(r), false;  // cut short
    int status = w->record.status = answer(w, r->envp);
    if (status == 200) LITERAL(&w->answer, ",");
    else w->answer.count = 0, LITERAL(&w->answer, "{");
    LITERAL(&w->answer, "\"base_resp\":{\"code\":"), append_integer(&w->answer, status);
    if (status == 200) LITERAL(&w->answer, ",\"message\":\"success\"}}");
    else LITERAL(&w->answer, ",\"message\":\"refused\"}}");
    int count = sprintf(head, "Status: %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
        status, status == 200 ? "OK" : "Refused", w->answer.count);
    FCGX_PutStr(head, count, r->out);
    FCGX_PutStr(w->answer.bytes, w->answer.count, r->out);
    const char *id = FCGX_GetParam("REQUEST_ID", r->envp);
    snprintf(w->record.id, sizeof w->record.id, "%s", id ? id : "");
    FCGX_Finish_r(r);
    return true;
}

static void *work(void *secret) {
    struct worker *w = calloc(1, sizeof *w);
    OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string("digest", "SHA2-256", 0), OSSL_PARAM_construct_end()};
    w->mac = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "HMAC", NULL));
    must(EVP_MAC_init(w->mac, secret, strlen(secret), digest), "EVP_MAC_init");
    must(getrandom(&w->key, sizeof w->key, 0) == sizeof w->key, "getrandom");
    mysql_thread_init();
    open_database(w);
    while (true) {
        struct connection *c = take_connection();
        current = c;
        w->record = (struct record){.queue = microseconds(CLOCK_MONOTONIC) - c->ready};
        bool served = serve(w, &c->request);
        w->record.total = microseconds(CLOCK_MONOTONIC) - c->ready;
        return_connection(c, served && c->request.ipcFd >= 0);
        if (served) count_record(&w->record), log_record(&w->record);
    }
    return NULL;
}

int main(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *workers = getenv("ORBIA_WORKERS"), *path = getenv("ORBIA_LISTEN");
    const char *log_path = getenv("ORBIA_ACCESS_LOG");
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t set;
    must(path && workers && log_path && getenv("JWT_SECRET") && strlen(path) < sizeof address.sun_path,
        "a setting is missing");
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // should scripts/compare-c be killed
    memset(values, -1, sizeof values);
    for (int i = 0; i < 64; i++) values[(int)alphabet[i]] = i;

    FCGX_Init();
    mysql_library_init(0, NULL, NULL);
    sigfillset(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    must((log_file = open(log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640)) >= 0, log_path);
    unlink(strcpy(address.sun_path, path));
    umask(0117);
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, path);
    must(listen(listener, 4096) == 0, path);
    must((readiness = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
    must(epoll_ctl(readiness, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN}) == 0, "epoll_ctl");
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 512 * 1024);
    for (int i = 0; i < atoi(workers); i++)
        must(pthread_create(&thread, &attributes, work, getenv("JWT_SECRET")) == 0, "pthread_create");
    must(pthread_create(&thread, &attributes, dispatch, NULL) == 0, "pthread_create");

    // This thread is the one that takes the signals and writes the log.
    int signal;
    do {
        signal = sigtimedwait(&set, NULL, &(struct timespec){.tv_nsec = 200 * 1000 * 1000});
        flush_log();
    } while (signal != SIGTERM && signal != SIGINT);
    unlink(path);
    _exit(0);
}
