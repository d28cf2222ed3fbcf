/*
 * The other ends of the network cables in benchmarks/nic: a source and a sink of frames on the host, outside of the virtual machine,
 * so that all of the machine's own time is the driver's that is measured.
 *
 *   traffic CONTROL NAME...      listens on sockets of these paths, each for one of QEMU's "stream" netdevs, which send a frame as
 *                                its length (four octets, big-endian) and its octets; CONTROL is for commands, one a line:
 *
 *   send NAME SIZE MAC           frames of SIZE bytes, without check sequence, for the station MAC, as fast as they are taken
 *   quiet NAME                   no more of them; what the socket has is still taken
 *   count NAME                   answers "sent FRAMES received FRAMES bytes BYTES odd FRAMES at NANOSECONDS"; odd frames are those
 *                                without the mark that this program and nobody else puts into the type field, or of another size
 *                                than was expected
 *   expect NAME SIZE             says what size that is; 0 for any, with any type field
 *
 * Each command but count is answered by "ok". Nothing is lost: whoever does not take frames holds the source up, as the kernel's
 * socket does. NAME is the last part of a path. The program ends when the control connection does.
 *
 * It looks at its sockets every 50 microseconds instead of being woken for each frame: waking it would cost QEMU's thread, which
 * is the one that is measured, more than the frame does. A socket holds what comes meanwhile.
 *
 * The source offers the next frames when QEMU has read those before, and not many at once: QEMU reads on as soon as one of the frames
 * that it has read is delivered, and keeps the rest in a queue without an end. So more may be sent than is received; whoever
 * measures waits between two measurements until nothing comes any more.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST_LINKS = 8, LENGTH = 4, LEAST = 60, MOST = 16384, BURST = 1 << 16, PERIOD = 50000, MOST_AT_ONCE = 128, TYPE = 12, MARK = 0x88b5 };

struct link {
    const char *name;
    int listener, fd;
    /* source */
    bool sending;
    uint8_t *burst;         /* whole frames, one after the other */
    size_t burst_bytes, at, frame_bytes;
    uint8_t rest[LENGTH + MOST]; /* of a frame that was begun when the next size was chosen */
    size_t rest_at, rest_end;
    uint64_t sent;
    /* sink */
    uint8_t in[BURST + MOST + LENGTH];
    size_t have;
    size_t expected;
    uint64_t received, bytes, odd;
};

static struct link links[MOST_LINKS];
static int link_count;

static void die(const char *what) {
    fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

static int listen_on(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *) &address, sizeof address) < 0 || listen(fd, 1) < 0) {
        die(path);
    }
    return fd;
}

static int accept_on(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0 && errno != EAGAIN && errno != EINTR) {
        die("accept");
    }
    return fd;
}

/* --- source ----------------------------------------------------------------------------------------------------------- */

static void fill(struct link *link, size_t size, const uint8_t *mac) {
    size_t whole = LENGTH + size;
    link->frame_bytes = whole;
    size_t frames = BURST / whole;
    link->burst_bytes = (frames < MOST_AT_ONCE ? frames : MOST_AT_ONCE) * whole;
    link->burst = realloc(link->burst, BURST);
    if (!link->burst) {
        die("realloc");
    }
    memset(link->burst, 0, BURST);
    for (uint8_t *at = link->burst; at < link->burst + link->burst_bytes; at += whole) {
        uint32_t length = htonl((uint32_t) size);
        memcpy(at, &length, LENGTH);
        memcpy(at + LENGTH, mac, 6);
        memcpy(at + LENGTH + 6, "\x52\x54\x00\x00\x00\xfd", 6);
        at[LENGTH + TYPE] = MARK >> 8;
        at[LENGTH + TYPE + 1] = MARK & 0xff;
    }
    link->at = 0;
}

/* A frame that was begun is ended whatever comes: otherwise QEMU would take what follows for its rest. */
static void keep_rest(struct link *link) {
    size_t begun = link->frame_bytes ? link->at % link->frame_bytes : 0;
    if (begun) {
        link->rest_at = begun;
        link->rest_end = link->frame_bytes;
        memcpy(link->rest + begun, link->burst + link->at, link->frame_bytes - begun);
        link->at = 0;
    }
}

/* Returns how many bytes were taken; 0 if none can be now. */
static size_t offer(struct link *link, const uint8_t *from, size_t bytes) {
    ssize_t done = send(link->fd, from, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0 && errno != EAGAIN && errno != EINTR) {
        link->sending = false; /* the machine has ended */
    }
    return done < 0 ? 0 : (size_t) done;
}

static void send_some(struct link *link) {
    size_t done;
    while (link->rest_at < link->rest_end) {
        done = offer(link, link->rest + link->rest_at, link->rest_end - link->rest_at);
        if (!done) {
            return;
        }
        link->rest_at += done;
        link->sent += link->rest_at == link->rest_end;
    }
    if (!link->sending) {
        return;
    }
    int unread = 0;
    if (ioctl(link->fd, SIOCOUTQ, &unread) < 0) {
        die("SIOCOUTQ");
    }
    if (unread == 0 || link->at) {
        done = offer(link, link->burst + link->at, link->burst_bytes - link->at);
        if (!done) {
            return;
        }
        size_t after = link->at + done;
        link->sent += after / link->frame_bytes - link->at / link->frame_bytes;
        link->at = after == link->burst_bytes ? 0 : after;
    }
}

/* --- sink --------------------------------------------------------------------------------------------------------------- */

static void look_at(struct link *link, const uint8_t *frame, size_t bytes) {
    bool marked = bytes > TYPE + 1 && frame[TYPE] == MARK >> 8 && frame[TYPE + 1] == (MARK & 0xff);
    if (link->expected && (bytes != link->expected || !marked)) {
        link->odd++;
        return;
    }
    link->received++;
    link->bytes += bytes;
}

static void take_some(struct link *link) {
    while (true) {
        ssize_t done = recv(link->fd, link->in + link->have, sizeof link->in - link->have, MSG_DONTWAIT);
        if (done <= 0) {
            if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
                return;
            }
            close(link->fd);
            link->fd = -1;
            link->have = 0;
            return;
        }
        link->have += (size_t) done;
        size_t at = 0;
        while (link->have - at >= LENGTH) {
            uint32_t length;
            memcpy(&length, link->in + at, LENGTH);
            length = ntohl(length);
            if (length > MOST) {
                errno = EPROTO;
                die("a frame's length");
            }
            if (link->have - at - LENGTH < length) {
                break;
            }
            look_at(link, link->in + at + LENGTH, length);
            at += LENGTH + length;
        }
        memmove(link->in, link->in + at, link->have - at);
        link->have -= at;
    }
}

/* --- control -------------------------------------------------------------------------------------------------------------- */

static void obey(char *line, char *answer, size_t room) {
    char verb[16] = "", name[64] = "";
    unsigned size = 0;
    uint8_t mac[6];
    int words = sscanf(line, "%15s %63s %u %2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", verb, name, &size, &mac[0], &mac[1], &mac[2], &mac[3],
            &mac[4], &mac[5]);
    struct link *link = NULL;
    for (int i = 0; i < link_count; i++) {
        if (strcmp(links[i].name, name) == 0) {
            link = &links[i];
        }
    }
    snprintf(answer, room, "ok\n");
    if (!link) {
        snprintf(answer, room, "no link is called '%s'\n", name);
    } else if (strcmp(verb, "send") == 0 && words == 9 && size >= LEAST && size <= MOST) {
        keep_rest(link);
        fill(link, size, mac);
        link->sending = true;
    } else if (strcmp(verb, "quiet") == 0) {
        keep_rest(link);
        link->sending = false;
    } else if (strcmp(verb, "expect") == 0 && words == 3) {
        link->expected = size;
    } else if (strcmp(verb, "count") == 0) {
        snprintf(answer, room, "sent %" PRIu64 " received %" PRIu64 " bytes %" PRIu64 " odd %" PRIu64 " at %" PRIu64 "\n", link->sent,
                link->received, link->bytes, link->odd, now());
    } else {
        snprintf(answer, room, "not understood: %s\n", line);
    }
}

/* Returns whether the connection lasts. */
static bool listen_to(int control) {
    static char line[256];
    static size_t have;
    ssize_t done = recv(control, line + have, sizeof line - 1 - have, MSG_DONTWAIT);
    if (done <= 0) {
        return done < 0 && (errno == EAGAIN || errno == EINTR);
    }
    have += (size_t) done;
    char *end;
    while ((end = memchr(line, '\n', have))) {
        char answer[320];
        size_t bytes = (size_t) (end + 1 - line);
        *end = 0;
        obey(line, answer, sizeof answer);
        if (send(control, answer, strlen(answer), MSG_NOSIGNAL) < 0) {
            return false;
        }
        memmove(line, line + bytes, have - bytes);
        have -= bytes;
    }
    if (have == sizeof line - 1) {
        have = 0; /* no command is so long */
    }
    return true;
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 2 + MOST_LINKS) {
        fprintf(stderr, "traffic CONTROL NAME... (%d at most)\n", MOST_LINKS);
        return 2;
    }
    int control_listener = listen_on(argv[1]), control = -1;
    for (link_count = 0; link_count < argc - 2; link_count++) {
        const char *path = argv[2 + link_count], *slash = strrchr(path, '/');
        links[link_count] = (struct link) {.name = slash ? slash + 1 : path, .listener = listen_on(path), .fd = -1};
    }
    printf("listening\n");
    fflush(stdout);
    prctl(PR_SET_TIMERSLACK, 1UL);
    struct timespec period = {.tv_nsec = PERIOD};
    while (true) {
        struct pollfd ready[1 + MOST_LINKS];
        nanosleep(&period, NULL);
        ready[0] = (struct pollfd) {.fd = control < 0 ? control_listener : control, .events = POLLIN};
        for (int i = 0; i < link_count; i++) {
            ready[1 + i] = (struct pollfd) {.fd = links[i].fd < 0 ? links[i].listener : links[i].fd, .events = POLLIN};
        }
        if (poll(ready, (nfds_t) (1 + link_count), 0) < 0 && errno != EINTR) {
            die("poll");
        }
        if (ready[0].revents) {
            if (control < 0) {
                control = accept_on(control_listener);
            } else if (!listen_to(control)) {
                return 0;
            }
        }
        for (int i = 0; i < link_count; i++) {
            if (ready[1 + i].revents && links[i].fd < 0) {
                links[i].fd = accept_on(links[i].listener);
            } else if (ready[1 + i].revents) {
                take_some(&links[i]);
            }
            if (links[i].fd >= 0) {
                send_some(&links[i]);
            }
        }
    }
}
