/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdint.h>

/* Who may try which account of which camera or recorder, and when. Many lock an account for half an hour after five wrong
 * passwords, and a recorder of eight channels has one account behind sixteen streams. So while nobody is in, one stream tries and
 * the others wait, each in its turn; let in, the others follow; refused, all wait for 10, then 40, then each time 60 minutes.
 * An account is host, port, user and password: a wrong password beside a right one keeps nobody else out. Refused while others
 * are in on the same account, a stream lacks a right of its own (a channel), and waits alone.
 * Decides only: time is an argument. Thread: main. Owner: the app. */
typedef struct SkyAccounts SkyAccounts;
typedef struct SkyAccount SkyAccount;

SkyAccounts *sky_accounts_new(void);
void sky_accounts_free(SkyAccounts *accounts); /* after all guests are cleared */

/* One stream's place at its account. Owner: the stream. */
typedef enum { SKY_GUEST_OUT, SKY_GUEST_TRYING, SKY_GUEST_IN } SkyGuestPlace;
typedef struct {
    SkyAccount *account; /* NULL: the camera needs none, so nothing can be locked */
    const char *camera;  /* id, borrowed */
    SkyGuestPlace place;
} SkyGuest;

/* user, password: NULL, or what goes before that in the URL. */
void sky_guest_init(SkyGuest *guest, SkyAccounts *accounts, const char *camera, const char *url, const char *user,
                    const char *password);
void sky_guest_clear(SkyGuest *guest);

typedef enum {
    SKY_ACCOUNT_FREE,    /* try it; the guest is TRYING now */
    SKY_ACCOUNT_BUSY,    /* another stream is trying it: ask again */
    SKY_ACCOUNT_REFUSED, /* not before ret_next_ns */
} SkyAccountAnswer;
SkyAccountAnswer sky_guest_ask(SkyGuest *guest, int64_t now_ns, int64_t *ret_next_ns);
void sky_guest_is_in(SkyGuest *guest);
/* The attempt, or the stream, is over. Where nobody asks any more (a stop), too. */
void sky_guest_leave(SkyGuest *guest, gboolean refused, int64_t now_ns);
/* Its account is the one of that id (account_name.h). */
gboolean sky_guest_is_of(const SkyGuest *guest, const char *id);
/* "account viewer at 192.0.2.1:554, last tried by camera gate", for people. */
char *sky_guest_text(const SkyGuest *guest);

/* A person has acted: whatever was refused may be tried now. How often it was refused stays known until it is let in. */
void sky_accounts_retry(SkyAccounts *accounts);

#define SKY_ACCOUNT_STRANGERS_MAX 64
typedef enum {
    SKY_ACCOUNT_WAITS,    /* no stream tries it for a while */
    SKY_ACCOUNT_IS_IN,    /* a stream is let in by it just now: the account is right, and nothing changes */
    SKY_ACCOUNT_TOO_MANY, /* SKY_ACCOUNT_STRANGERS_MAX are known already that no camera has: it is not */
} SkyAccountTold;
/* Somebody else (skynetctl) tried it and was refused: as if a stream had been, also where no camera has it so far. camera: "" or the one
 * that it was. */
SkyAccountTold sky_accounts_tell_refused(SkyAccounts *accounts, const char *id, const char *place, const char *user, const char *camera,
                                         int64_t now_ns);
/* Somebody else was let in: whoever waits may try now. FALSE: nobody had been refused. */
gboolean sky_accounts_tell_let_in(SkyAccounts *accounts, const char *id);

typedef struct {
    const char *id;     /* account_name.h */
    const char *place;  /* host:port; "": known from an earlier run, and of no stream so far */
    const char *user, *camera; /* that tried last; "" */
    int64_t next_ns;    /* SKY_TIME_NONE: not refused */
    uint32_t refusals;  /* in a row */
    gboolean changed;   /* since the last sky_accounts_tidy() */
    gboolean gone;      /* of no stream, and not waited for */
} SkyAccountView;
void sky_accounts_each(SkyAccounts *accounts, int64_t now_ns, void (*look)(const SkyAccountView *view, gpointer user), gpointer user);
/* All changes are known to whom they concern; what is gone is forgotten. */
void sky_accounts_tidy(SkyAccounts *accounts, int64_t now_ns);

/* A refusal outlives a restart, or a service that is restarted again and again would lock the account. What the store keeps, and
 * back. */
char *sky_account_body(const SkyAccountView *view, int64_t now_ns, int64_t now_utc_ns); /* NULL: nothing to keep */
void sky_accounts_recall(SkyAccounts *accounts, const char *id, const char *body, int64_t now_ns, int64_t now_utc_ns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkyAccounts, sky_accounts_free)
