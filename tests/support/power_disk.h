/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A disk that loses power. Everything that this process asks of the files below one folder is carried out on the real ones and
 * written down, in order, with its data: that is the trace. The power fails before operation n of it, for any n: what had been
 * asked for by then and was not synced is lost, kept, or kept in part and out of order, and what a disk may then hold is laid out
 * in another folder, where the real code opens it.
 *
 * What counts as synced is what POSIX promises and no more: fsync or fdatasync of a file makes its bytes and its size last, not its
 * name; a name (created, renamed, removed; a folder's too) lasts once the folder that holds it was synced. What is mapped and not
 * written (SQLite's -shm) is never seen: such a file comes back as zeros, or not at all.
 *
 * The door is the C library: power_disk_calls.c defines open, write, fsync and their like, and the program that links it exports
 * them (export_dynamic), so that our own code, GLib and SQLite's shared library all come by. No hook in what ships, and SQLite's
 * syncs of a folder, which a VFS of its own would not show, are seen. No real sync is made: the machine does not lose power.
 * Thread: the trace is one process's, from any thread; a cut is its owner's. */
typedef struct PowerTrace PowerTrace;

/* From here on; the folder exists and what is in it is taken as synced only where the trace is resumed. One trace at a time. */
PowerTrace *power_disk_record(const char *directory);
void power_disk_stop(void); /* writes nothing down any more */
PowerTrace *power_trace_copy(PowerTrace *trace, guint n); /* its first n operations */
void power_trace_free(PowerTrace *trace);
guint power_trace_length(PowerTrace *trace); /* operations so far: what was said now holds for every cut from there on */
/* Syncs of files whose name ends so ("-wal"; "/": folders), in operations from..to. */
guint power_trace_syncs(PowerTrace *trace, const char *ending, guint from, guint to);
/* The first operation on a file whose name ends so, at or after from; G_MAXUINT: none. */
guint power_trace_find(PowerTrace *trace, const char *ending, guint from);
/* From here on as if the syncs of files whose name ends so ("": all of them and the folders') had been answered and not done: what
 * SQLite's synchronous=OFF asks for, or a disk that lies. */
void power_trace_forget_syncs(PowerTrace *trace, const char *ending);
char *power_trace_say(PowerTrace *trace, guint n); /* "write skynetd.db-wal 32+4096" */

typedef enum {
    POWER_DROP,    /* all that was not synced is lost */
    POWER_KEEP,    /* nothing is: a kill */
    POWER_SCATTER, /* any of it, in any order, by sectors of 512 or pages of 4096 bytes; a length without its data reads as zeros */
    POWER_STALE,   /* the same, but reads as what the blocks held before: anything */
} PowerFate;
const char *power_fate_name(PowerFate fate);

/* The state before operation n; n never runs backwards. */
typedef struct PowerCut PowerCut;
PowerCut *power_cut_new(PowerTrace *trace);
void power_cut_free(PowerCut *cut);
void power_cut_advance(PowerCut *cut, guint n);
void power_cut_lay_out(PowerCut *cut, PowerFate fate, guint32 seed, const char *directory); /* which is emptied first */

/* A kill before operation n, and the machine lives on: directory gets what the next process finds, and what that does is recorded
 * after those n operations, as one trace. */
PowerTrace *power_disk_resume(PowerTrace *trace, guint n, const char *directory);
void power_disk_empty(const char *directory);
