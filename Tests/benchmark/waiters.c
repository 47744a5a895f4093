// The clients of scripts/load --waiters: tens of thousands of open chat pages, or the people who send to them, in one
// process with one thread.
//
//     waiters hold  PORT SOURCE WAIT POLL CLIENTS EVENTS
//     waiters send  PORT RATE SENDS EVENTS
//
// Both speak HTTP/1.1 over kept connections to 127.0.0.1:PORT, write "ready" to standard output once they are, go on
// until SIGTERM, and write what happens to the file EVENTS, a line each. Times are microseconds of CLOCK_MONOTONIC,
// which all processes of a machine share; created_at is in milliseconds since 1970.
//
// "hold" reads a client from each line of CLIENTS, "NUMBER list|messages USER CONVERSATION TOKEN". A list client is a
// page with a conversation open: it waits WAIT seconds with get_conversations, and asks get_messages for the open
// conversation when an answer names it. A messages client shows that conversation alone and waits with get_messages.
// Both renew at once, or after the answer's retry_after; a client's first wait is a random part of WAIT. With WAIT 0, or where the server knows no cursor or answers a
// wait early for no reason, they ask every POLL milliseconds. The connections have the source address SOURCE. Events:
//
//     list TIME CLIENT CONVERSATION CREATED_AT TOLD     the list names a conversation; TOLD: its newest message before
//     message TIME CLIENT CONVERSATION CREATED_AT ID    get_messages has it
//     cut TIME CLIENT RETRY_AFTER                       an answer with retry_after
//     early TIME CLIENT                                 an empty answer before its time, without retry_after
//     reset TIME CLIENT                                 the cursor could not be followed
//     error TIME CLIENT REASON                          a status that is not 200, "broken", "late" or "unreadable"
//     answered TIME COUNT                               answers within the second that ended at TIME, at 0 too
//
// "send" has RATE messages a second sent, each by a random line "USER CONVERSATION TOKEN" of SENDS, at even intervals
// and however long the answers take. Events:
//
//     sent TIME CONVERSATION CREATED_AT ID BEGAN        the answer came at TIME, the request went out at BEGAN
//     error TIME 0 REASON                               as above, or "behind": too many sends are unanswered

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum question { LIST, NEWEST, NEWS_OF_LIST, NEWS_OF_OPEN, WAIT_FOR_MESSAGES, SEND };

struct told { int64_t conversation, created_at; };

struct client {
    int number, descriptor;  // -1: not connected
    enum question question;  // asked, or to be asked next
    bool is_list, is_asked, is_ready, is_connecting;
    const char *token;
    char *cursor;       // NULL where no answer had one
    int64_t open;       // the conversation
    int64_t newest;     // of the messages that get_messages has shown
    int64_t began;      // when the request went out
    int wait;           // the seconds of the next wait
    int64_t pause;      // milliseconds that are left until the list is asked for once more
    struct told *told;  // what the list has shown
    int told_count;
    int failures;  // since the last answer
    char *received;  // the beginning of an answer that is not whole
    size_t received_count;
    struct client *next;  // in a list: of the timer, or of idle senders
};

struct send { const char *conversation, *token; };

#define TICK 8     // milliseconds
#define SLOTS 16384 // more than two minutes, of which a client waits for one at most
#define MOST_STARTING 16
#define MOST_SENDERS 512
#define GRACE 10000000 // microseconds that an answer may come after its wait

static struct client *clients, *slots[SLOTS], *idle;
static struct send *sends;
static int client_count, send_count, started, ready, readiness;
static int wait_seconds, poll_milliseconds, port;
static int64_t tick, answered;
static const char *source;
static FILE *events;
static volatile sig_atomic_t is_told_to_end;
static char buffer[4 << 20];

static void must(bool succeeded, const char *what) {
    if (!succeeded) fprintf(stderr, "waiters: %s (errno %d)\n", what, errno), exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void on_signal(int signal) { (void)signal, is_told_to_end = 1; }

// Reading JSON that is known to be well-formed, up to a NUL ------------------------------------------

static const char *skip_space(const char *at) { return at + strspn(at, " \n\r\t"); }

static const char *past_value(const char *at) {
    if (*at == '"') {
        for (at++; *at && *at != '"'; at++) if (*at == '\\' && at[1]) at++;
        return *at ? at + 1 : at;
    }
    if (*at != '{' && *at != '[') return at + strcspn(at, ",]} \n\r\t");
    int depth = 0;
    do {
        if (*at == '"') { at = past_value(at); continue; }
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at++;
    } while (depth && *at);
    return at;
}

// The first value of an array, or what follows `at` in it; NULL where that was the last.
static const char *element(const char *array, const char *at) {
    at = at ? skip_space(past_value(at)) : skip_space(array + 1);
    if (*at == ',') at = skip_space(at + 1);
    return *at && *at != ']' ? at : NULL;
}

// The value of a member; NULL where there is none.
static const char *member(const char *object, const char *name) {
    const char *at = skip_space(object + 1);
    while (*at == '"') {
        const char *key = at + 1;
        at = past_value(at);
        bool is_it = (size_t)(at - key - 1) == strlen(name) && !memcmp(key, name, at - key - 1);
        at = skip_space(skip_space(at) + 1);
        if (is_it) return at;
        at = skip_space(past_value(at));
        if (*at == ',') at = skip_space(at + 1);
    }
    return NULL;
}

static int64_t integer(const char *value) { return value ? strtoll(value, NULL, 10) : 0; }

// Of a string without escapes; the caller frees it.
static char *string(const char *value) {
    return value && *value == '"' ? strndup(value + 1, past_value(value) - value - 2) : NULL;
}

// When a client goes on -------------------------------------------------------------------------------

static void ask(struct client *c);

static void ask_after(struct client *c, int64_t milliseconds) {
    if (milliseconds <= 0) { ask(c); return; }
    // Both divisions round down. What has passed since the timers ran last counts, too.
    int64_t ticks = milliseconds / TICK + 2;
    struct client **slot = &slots[(now() / 1000 / TICK + (ticks < SLOTS / 2 ? ticks : SLOTS / 2)) % SLOTS];
    c->next = *slot, *slot = c;
}

static void run_timers(void) {
    for (int64_t present = now() / 1000 / TICK; tick < present;) {
        struct client *c = slots[++tick % SLOTS];
        slots[tick % SLOTS] = NULL;
        for (struct client *next; c; c = next) next = c->next, ask(c);
    }
}

static void note_error(struct client *c, const char *reason) {
    fprintf(events, "error %ld %d %s\n", now(), c->number, reason);
}

static void hang_up(struct client *c) {
    if (c->descriptor >= 0) close(c->descriptor);
    free(c->received);
    c->descriptor = -1, c->received = NULL, c->received_count = 0, c->is_connecting = false;
}

// After a request that failed: a sender is free, a client asks the same after a second at most, and after longer the
// more often it fails, as a page would.
static void fail(struct client *c, const char *reason) {
    int64_t most = 1000 << (c->failures < 5 ? c->failures++ : 5);
    note_error(c, reason);
    hang_up(c);
    c->is_asked = false;
    if (c->question == SEND) c->next = idle, idle = c;
    else ask_after(c, most / 2 + random() % (most / 2));
}

// Requests --------------------------------------------------------------------------------------------

static void watch(struct client *c, int operation, uint32_t what) {
    must(epoll_ctl(readiness, operation, c->descriptor, &(struct epoll_event){what, {.ptr = c}}) == 0, "epoll_ctl");
}

static bool connect_client(struct client *c) {
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1;
    c->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    must(c->descriptor >= 0, "socket: the limit of open files is too low");
    must(inet_pton(AF_INET, source, &from.sin_addr) == 1, source);
    must(inet_pton(AF_INET, "127.0.0.1", &to.sin_addr) == 1, "inet_pton");
    // The port is chosen by connect, which may take one that other connections from this address do not use there.
    setsockopt(c->descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(c->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    must(bind(c->descriptor, (struct sockaddr *)&from, sizeof from) == 0, source);
    if (connect(c->descriptor, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) return false;
    c->is_connecting = true;
    watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
    return true;
}

static int body_of(const struct client *c, char *body, size_t size) {
    switch (c->question) {
    case NEWS_OF_LIST:
        if (!c->cursor || !wait_seconds) return snprintf(body, size, "{}");
        return snprintf(body, size, "{\"after_cursor\":\"%s\",\"wait\":%d}", c->cursor, c->wait);
    case NEWEST:
        return snprintf(body, size, "{\"conversation_id\":%ld}", c->open);
    case WAIT_FOR_MESSAGES: case NEWS_OF_OPEN: {
        int wait = c->question == WAIT_FOR_MESSAGES ? c->wait : 0;
        int count = snprintf(body, size, "{\"conversation_id\":%ld,\"after_timestamp\":%ld,\"limit\":100", c->open,
                             c->newest);
        if (wait) count += snprintf(body + count, size - count, ",\"wait\":%d", wait);
        return count + snprintf(body + count, size - count, "}");
    }
    case SEND:
        return snprintf(body, size, "{\"conversation_id\":%ld,\"message_type\":\"text\",\"content\":\"%s\"}", c->open,
                        "关于产品推广视频的细节，请确认。");
    default:
        return snprintf(body, size, "{}");
    }
}

static void write_request(struct client *c) {
    static const char *endpoints[] = {[LIST] = "get_conversations", [NEWEST] = "get_messages",
        [NEWS_OF_LIST] = "get_conversations", [NEWS_OF_OPEN] = "get_messages", [WAIT_FOR_MESSAGES] = "get_messages",
        [SEND] = "send_message"};
    char body[4096], request[8192];
    int count = body_of(c, body, sizeof body);
    must(count < (int)sizeof body, "a cursor is too long");
    int total = snprintf(request, sizeof request, "POST /api/v1/conversation/%s HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
        endpoints[c->question], c->token, count, body);
    must(total < (int)sizeof request, "a token is too long");
    // The socket's buffer is empty, and larger than a request.
    if (send(c->descriptor, request, total, MSG_NOSIGNAL) != total) fail(c, "broken");
}

static void ask(struct client *c) {
    c->is_asked = true, c->began = now();
    if (c->descriptor >= 0) write_request(c);
    else if (!connect_client(c)) fail(c, "broken");
}

// Answers of the pages' requests ----------------------------------------------------------------------

static void start_clients(void) {
    while (started < client_count && started - ready < MOST_STARTING) ask(&clients[started++]);
}

static struct told *told_of(struct client *c, int64_t conversation) {
    for (int i = 0; i < c->told_count; i++) if (c->told[i].conversation == conversation) return &c->told[i];
    // A power of two: the array is full, or there is none.
    if ((c->told_count & (c->told_count - 1)) == 0) {
        size_t room = c->told_count ? 2 * c->told_count : 1;
        must((c->told = realloc(c->told, room * sizeof *c->told)) != NULL, "memory");
    }
    c->told[c->told_count] = (struct told){.conversation = conversation};
    return &c->told[c->told_count++];
}

// Whether the open conversation is among those of a list. A whole list repeats what was told: only news of it count.
static bool read_list(struct client *c, const char *answer, bool is_whole, int64_t time) {
    const char *list = member(answer, "conversations"), *at = NULL;
    bool names_open = false;
    while (list && (at = element(list, at))) {
        int64_t conversation = integer(member(at, "id")), created_at = integer(member(at, "last_message_at"));
        struct told *told = told_of(c, conversation);
        if (c->is_ready && (!is_whole || created_at > told->created_at))
            fprintf(events, "list %ld %d %ld %ld %ld\n", time, c->number, conversation, created_at, told->created_at);
        if (created_at > told->created_at) told->created_at = created_at;
        names_open |= conversation == c->open;
    }
    free(c->cursor);
    c->cursor = string(member(answer, "cursor"));
    return names_open;
}

// How many messages there are. The newest page may repeat what was shown, where it is read anew.
static int read_messages(struct client *c, const char *answer, int64_t time) {
    const char *list = member(answer, "messages"), *at = NULL;
    int64_t shown = c->newest;
    int count = 0;
    while (list && (at = element(list, at))) {
        int64_t created_at = integer(member(at, "created_at"));
        char *id = string(member(at, "message_id"));
        if (c->is_ready && (c->question != NEWEST || created_at > shown))
            fprintf(events, "message %ld %d %ld %ld %s\n", time, c->number, c->open, created_at, id ? id : "");
        free(id);
        if (created_at > c->newest) c->newest = created_at;
        count++;
    }
    return count;
}

static bool is_true(const char *value) { return value && *value == 't'; }

// Milliseconds until the client waits again, after an answer to a wait.
static int64_t pause_after(struct client *c, const char *answer, bool is_empty, int64_t time) {
    const char *retry_after = member(answer, "retry_after");
    int64_t least = c->wait * 500000L;
    c->wait = wait_seconds;
    if (retry_after) {
        fprintf(events, "cut %ld %d %ld\n", time, c->number, integer(retry_after));
        return integer(retry_after);
    }
    if (is_empty && !is_true(member(answer, "reset")) && time - c->began < least) {
        fprintf(events, "early %ld %d\n", time, c->number);
        return poll_milliseconds;
    }
    return 0;
}

static void become_ready(struct client *c) {
    bool polls = !wait_seconds || (c->is_list && !c->cursor);
    c->question = c->is_list ? NEWS_OF_LIST : WAIT_FOR_MESSAGES;
    // Those that began together would otherwise all renew together, for their first minute.
    c->wait = wait_seconds ? 1 + random() % wait_seconds : 0;
    if (!c->is_ready) c->is_ready = true, ready++;
    if (ready == client_count && started == client_count) started++, puts("ready"), fflush(stdout);
    // Those that poll are spread over the interval.
    ask_after(c, polls ? random() % poll_milliseconds : 0);
    start_clients();
}

static void take_answer(struct client *c, const char *answer) {
    int64_t time = now();
    c->failures = 0;
    bool polls = !wait_seconds, has_more = is_true(member(answer, "has_more"));
    switch (c->question) {
    case LIST:
        read_list(c, answer, true, time);
        c->question = NEWEST;
        ask(c);
        break;
    case NEWEST:
        read_messages(c, answer, time);
        become_ready(c);
        break;
    case NEWS_OF_LIST: {
        polls |= !c->cursor;
        const char *list = member(answer, "conversations");
        bool is_empty = !list || !element(list, NULL), names_open = read_list(c, answer, polls, time);
        c->pause = polls ? poll_milliseconds : pause_after(c, answer, is_empty && !member(answer, "removed"), time);
        if (is_true(member(answer, "reset"))) fprintf(events, "reset %ld %d\n", time, c->number), c->question = LIST;
        else if (names_open || polls) c->question = NEWS_OF_OPEN;
        ask_after(c, c->question == NEWS_OF_LIST ? c->pause : 0);
        break;
    }
    case NEWS_OF_OPEN:
        read_messages(c, answer, time);
        if (!has_more) c->question = NEWS_OF_LIST;
        ask_after(c, has_more ? 0 : c->pause);
        break;
    case WAIT_FOR_MESSAGES: {
        bool is_empty = !read_messages(c, answer, time);
        int64_t pause = polls ? poll_milliseconds : pause_after(c, answer, is_empty, time);
        ask_after(c, has_more ? 0 : pause);
        break;
    }
    case SEND: {
        const char *message = member(answer, "message");
        char *id = message ? string(member(message, "message_id")) : NULL;
        if (id) fprintf(events, "sent %ld %ld %ld %s %ld\n", time, c->open, integer(member(message, "created_at")), id,
                        c->began);
        else note_error(c, "unreadable");
        free(id);
        c->next = idle, idle = c;
        break;
    }
    }
}

// Connections -----------------------------------------------------------------------------------------

// Takes the answer in the buffer, where it is whole; else keeps what there is of it.
static void take_bytes(struct client *c, size_t count) {
    char *body = strstr(buffer, "\r\n\r\n"), *length;
    if (body) {
        *body = 0, length = strcasestr(buffer, "\r\nContent-Length:");
        if (!length) { fail(c, "unreadable"); return; }
        if (body + 4 + strtoull(length + 17, NULL, 10) <= buffer + count) {
            int status = strncmp(buffer, "HTTP/1.1 ", 9) ? 0 : atoi(buffer + 9);
            char reason[16];
            c->is_asked = false, answered++;
            if (strcasestr(buffer, "\r\nConnection: close")) hang_up(c);
            if (status == 200 && body[4] == '{') take_answer(c, body + 4);
            else snprintf(reason, sizeof reason, "%d", status), fail(c, reason);
            return;
        }
        *body = '\r';
    }
    must((c->received = malloc(count)) != NULL, "memory");
    memcpy(c->received, buffer, c->received_count = count);
}

static void receive(struct client *c) {
    size_t before = c->received_count;
    if (before) memcpy(buffer, c->received, before);
    free(c->received);
    c->received = NULL, c->received_count = 0;
    ssize_t count = recv(c->descriptor, buffer + before, sizeof buffer - before - 1, 0);
    if (count < 0 && errno == EAGAIN) count = 0;
    else if (count <= 0) {
        // One that is idle may be closed at any time.
        if (c->is_asked) fail(c, "broken");
        else hang_up(c);
        return;
    }
    buffer[before + count] = 0;
    if (before + count) take_bytes(c, before + count);
}

static void take_event(struct client *c, uint32_t what) {
    if (!c->is_connecting) { receive(c); return; }
    if (what & (EPOLLERR | EPOLLHUP)) { fail(c, "broken"); return; }
    c->is_connecting = false;
    watch(c, EPOLL_CTL_MOD, EPOLLIN);
    write_request(c);
}

static void find_late(int64_t time) {
    for (int i = 0; i < client_count; i++) {
        struct client *c = &clients[i];
        int64_t wait = c->question == NEWS_OF_LIST || c->question == WAIT_FOR_MESSAGES ? wait_seconds * 1000000L : 0;
        if (c->is_asked && time - c->began > wait + GRACE) fail(c, "late");
    }
}

static void send_one(void) {
    struct send *send = &sends[random() % send_count];
    struct client *c = idle;
    if (c) idle = c->next;
    else if (client_count < MOST_SENDERS) c = &clients[client_count++];
    else { fprintf(events, "error %ld 0 behind\n", now()); return; }
    c->open = atoll(send->conversation), c->token = send->token;
    ask(c);
}

// Where there is a rate, messages are sent until the end is asked for; and then their answers are awaited.
static void run(double rate) {
    struct epoll_event happened[256];
    int64_t second = now() / 1000000, first = now(), sent = 0, end = 0;
    tick = now() / 1000 / TICK;
    while (true) {
        int64_t time = now(), until = TICK * 1000;
        for (; rate > 0 && !is_told_to_end && first + 1e6 * sent / rate <= time; sent++) send_one();
        if (is_told_to_end) {
            int asked = 0;
            for (int i = 0; rate > 0 && i < client_count; i++) asked += clients[i].is_asked;
            if (!end) end = time + GRACE;
            if (!asked || time > end) break;
        } else if (rate > 0) {
            until = first + 1e6 * sent / rate - time;
            if (until > TICK * 1000) until = TICK * 1000;
        }
        struct timespec most = {0, until > 0 ? until * 1000 : 0};
        int count = epoll_pwait2(readiness, happened, 256, &most, NULL);
        for (int i = 0; i < count; i++) take_event(happened[i].data.ptr, happened[i].events);
        run_timers();
        if ((time = now()) / 1000000 == second) continue;
        if (rate == 0) fprintf(events, "answered %ld %ld\n", time / 1000000 * 1000000, answered);
        second = time / 1000000, answered = 0;
        fflush(events);
        find_late(time);
    }
}

// Their setting up --------------------------------------------------------------------------------------

static void read_clients(const char *path) {
    FILE *file = fopen(path, "r");
    char kind[16], token[4096];
    struct client c = {.descriptor = -1};
    must(file != NULL, path);
    while (fscanf(file, "%d %15s %*s %ld %4095s", &c.number, kind, &c.open, token) == 4) {
        if (client_count % 1024 == 0)
            must((clients = realloc(clients, (client_count + 1024) * sizeof *clients)) != NULL, "memory");
        c.is_list = !strcmp(kind, "list"), c.question = c.is_list ? LIST : NEWEST;
        must((c.token = strdup(token)) != NULL, "memory");
        clients[client_count++] = c;
    }
    must(client_count > 0, path);
    fclose(file);
}

static void read_sends(const char *path) {
    FILE *file = fopen(path, "r");
    char conversation[32], token[4096];
    must(file != NULL, path);
    while (fscanf(file, "%*s %31s %4095s", conversation, token) == 2) {
        if (send_count % 1024 == 0)
            must((sends = realloc(sends, (send_count + 1024) * sizeof *sends)) != NULL, "memory");
        sends[send_count++] = (struct send){strdup(conversation), strdup(token)};
    }
    must(send_count > 0, path);
    fclose(file);
    must((clients = calloc(MOST_SENDERS, sizeof *clients)) != NULL, "memory");
    for (int i = 0; i < MOST_SENDERS; i++) clients[i].descriptor = -1, clients[i].question = SEND;
}

int main(int count, char **arguments) {
    bool holds = count == 8 && !strcmp(arguments[1], "hold"), sends_too = count == 6 && !strcmp(arguments[1], "send");
    must(holds || sends_too, "waiters hold PORT SOURCE WAIT POLL CLIENTS EVENTS | send PORT RATE SENDS EVENTS");
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_signal}, NULL);
    srandom(getpid());
    port = atoi(arguments[2]);
    must((readiness = epoll_create1(EPOLL_CLOEXEC)) >= 0, "epoll_create1");
    must((events = fopen(arguments[count - 1], "w")) != NULL, arguments[count - 1]);
    if (holds) {
        source = arguments[3], wait_seconds = atoi(arguments[4]), poll_milliseconds = atoi(arguments[5]);
        read_clients(arguments[6]);
        start_clients();
        run(0);
    } else {
        source = "127.0.0.1";
        read_sends(arguments[4]);
        puts("ready"), fflush(stdout);
        run(atof(arguments[3]));
    }
    must(fclose(events) == 0, arguments[count - 1]);
    return 0;
}
