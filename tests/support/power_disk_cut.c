/* SPDX-License-Identifier: Apache-2.0 */
#include "support/power_disk_trace.h"

#include <glib/gstdio.h>
#include <string.h>

/* What lies safely on the disk before operation n, and what is still on its way. */
typedef struct {
    gboolean folder;
    GByteArray *safe;
    GArray *waiting; /* guint: operations on it since its last sync */
} File;

struct PowerCut {
    PowerTrace *trace;
    guint n;
    GHashTable *names;  /* name -> file number, those that last */
    GArray *waiting;    /* guint: operations on names that do not last yet */
    GPtrArray *files;   /* File *, by number */
};

static void file_free(gpointer item) {
    File *file = item;
    if (!file) return;
    g_byte_array_unref(file->safe);
    g_array_unref(file->waiting);
    g_free(file);
}

PowerCut *power_cut_new(PowerTrace *trace) {
    PowerCut *cut = g_new0(PowerCut, 1);
    cut->trace = trace;
    cut->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    cut->waiting = g_array_new(FALSE, FALSE, sizeof(guint));
    cut->files = g_ptr_array_new_with_free_func(file_free);
    return cut;
}

void power_cut_free(PowerCut *cut) {
    if (!cut) return;
    g_hash_table_unref(cut->names);
    g_array_unref(cut->waiting);
    g_ptr_array_unref(cut->files);
    g_free(cut);
}

const char *power_fate_name(PowerFate fate) {
    static const char *const names[] = {"drop", "keep", "scatter", "stale"};
    return names[fate];
}

static File *file_at(PowerCut *cut, guint number) {
    if (number >= cut->files->len) g_ptr_array_set_size(cut->files, (gint)number + 1);
    if (!cut->files->pdata[number]) {
        File *file = g_new0(File, 1);
        file->safe = g_byte_array_new();
        file->waiting = g_array_new(FALSE, FALSE, sizeof(guint));
        cut->files->pdata[number] = file;
    }
    return cut->files->pdata[number];
}

/* ---- the bytes of a file ---- */

typedef struct {
    GRand *rand;    /* NULL: a gap reads as zeros */
    gboolean stale;
} Gaps;

static void set_length(GByteArray *bytes, gsize length, const Gaps *gaps) {
    gsize before = bytes->len;
    g_byte_array_set_size(bytes, (guint)length);
    for (gsize i = before; i < length; i++) bytes->data[i] = gaps->stale ? (guint8)g_rand_int(gaps->rand) : 0;
}

static void put(GByteArray *bytes, uint64_t at, const void *data, gsize length, const Gaps *gaps) {
    if (at + length > bytes->len) set_length(bytes, at + length, gaps);
    if (length) memcpy(bytes->data + at, data, length);
}

static void apply(GByteArray *bytes, const PowerOp *op, const Gaps *gaps) {
    if (op->verb == POWER_WRITE) put(bytes, op->at, op->data, op->bytes, gaps);
    else set_length(bytes, op->at, gaps);
}

static const Gaps zeros = {0};

static void make_safe(PowerCut *cut, File *file) {
    for (guint i = 0; i < file->waiting->len; i++) {
        apply(file->safe, power_trace_op(cut->trace, g_array_index(file->waiting, guint, i)), &zeros);
    }
    g_array_set_size(file->waiting, 0);
}

/* A piece of a write that the disk does as one, or a new length. */
typedef struct {
    const PowerOp *op;
    uint64_t at;
    gsize skip, bytes;
} Piece;

static void cut_up(const PowerOp *op, gsize unit, GArray *pieces) {
    if (op->verb == POWER_TRUNCATE) {
        Piece whole = {.op = op};
        g_array_append_val(pieces, whole);
        return;
    }
    for (gsize done = 0; done < op->bytes;) {
        uint64_t at = op->at + done;
        gsize bytes = MIN(op->bytes - done, unit - at % unit);
        Piece piece = {.op = op, .at = at, .skip = done, .bytes = bytes};
        g_array_append_val(pieces, piece);
        done += bytes;
    }
}

static void shuffle(GArray *pieces, GRand *rand) {
    for (guint i = pieces->len; i > 1; i--) {
        guint k = (guint)g_rand_int_range(rand, 0, (gint32)i);
        Piece piece = g_array_index(pieces, Piece, i - 1);
        g_array_index(pieces, Piece, i - 1) = g_array_index(pieces, Piece, k);
        g_array_index(pieces, Piece, k) = piece;
    }
}

/* The lengths that the file had on its way: the disk may hold any of them. */
static gsize any_length(PowerCut *cut, const File *file, GRand *rand) {
    gsize length = file->safe->len;
    guint upto = (guint)g_rand_int_range(rand, 0, (gint32)file->waiting->len + 1);
    for (guint i = 0; i < upto; i++) {
        const PowerOp *op = power_trace_op(cut->trace, g_array_index(file->waiting, guint, i));
        length = op->verb == POWER_TRUNCATE ? op->at : MAX(length, op->at + op->bytes);
    }
    return length;
}

static void scatter(PowerCut *cut, const File *file, GByteArray *bytes, const Gaps *gaps) {
    static const double chances[] = {0.05, 0.5, 0.95};
    GRand *rand = gaps->rand;
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    gsize unit = g_rand_boolean(rand) ? 512 : 4096;
    double chance = chances[g_rand_int_range(rand, 0, G_N_ELEMENTS(chances))];
    for (guint i = 0; i < file->waiting->len; i++) {
        cut_up(power_trace_op(cut->trace, g_array_index(file->waiting, guint, i)), unit, pieces);
    }
    if (g_rand_boolean(rand)) shuffle(pieces, rand);
    for (guint i = 0; i < pieces->len; i++) {
        const Piece *piece = &g_array_index(pieces, Piece, i);
        if (g_rand_double(rand) >= chance) continue;
        if (piece->op->verb == POWER_TRUNCATE) set_length(bytes, piece->op->at, gaps);
        else put(bytes, piece->at, piece->op->data + piece->skip, piece->bytes, gaps);
    }
    if (file->waiting->len && g_rand_boolean(rand)) set_length(bytes, any_length(cut, file, rand), gaps);
}

static GByteArray *bytes_of(PowerCut *cut, const File *file, PowerFate fate, GRand *rand) {
    GByteArray *bytes = g_byte_array_sized_new(file->safe->len);
    g_byte_array_append(bytes, file->safe->data, file->safe->len);
    Gaps gaps = {.rand = rand, .stale = fate == POWER_STALE};
    if (fate == POWER_KEEP) {
        for (guint i = 0; i < file->waiting->len; i++) {
            apply(bytes, power_trace_op(cut->trace, g_array_index(file->waiting, guint, i)), &zeros);
        }
    } else if (fate != POWER_DROP) {
        scatter(cut, file, bytes, &gaps);
    }
    return bytes;
}

/* ---- names ---- */

static char *folder_of(const char *name) {
    const char *slash = strrchr(name, '/');
    return slash ? g_strndup(name, (gsize)(slash - name)) : g_strdup("");
}

static void make_names_safe(PowerCut *cut, const char *folder) {
    for (guint i = 0; i < cut->waiting->len;) {
        const PowerOp *op = power_trace_op(cut->trace, g_array_index(cut->waiting, guint, i));
        g_autofree char *holder = folder_of(op->name);
        if (strcmp(holder, folder) != 0) {
            i++;
            continue;
        }
        power_names_apply(cut->names, op);
        g_array_remove_index(cut->waiting, i);
    }
}

/* Half of the time as a file system with a journal does it, up to some point; else each for itself. */
static GHashTable *names_of(PowerCut *cut, PowerFate fate, GRand *rand) {
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer name, file;
    g_hash_table_iter_init(&iter, cut->names);
    while (g_hash_table_iter_next(&iter, &name, &file)) g_hash_table_insert(names, g_strdup(name), file);
    gboolean in_order = g_rand_boolean(rand);
    guint upto = (guint)g_rand_int_range(rand, 0, (gint32)cut->waiting->len + 1);
    for (guint i = 0; fate != POWER_DROP && i < cut->waiting->len; i++) {
        if (fate != POWER_KEEP && (in_order ? i >= upto : g_rand_boolean(rand))) continue;
        power_names_apply(names, power_trace_op(cut->trace, g_array_index(cut->waiting, guint, i)));
    }
    return names;
}

void power_cut_advance(PowerCut *cut, guint n) {
    g_assert_cmpuint(n, >=, cut->n);
    for (; cut->n < n; cut->n++) {
        const PowerOp *op = power_trace_op(cut->trace, cut->n);
        File *file = file_at(cut, op->file);
        switch (op->verb) {
        case POWER_WRITE: case POWER_TRUNCATE: g_array_append_val(file->waiting, cut->n); break;
        case POWER_SYNC: make_safe(cut, file); break;
        case POWER_MKDIR: file->folder = TRUE; /* fall through */
        case POWER_CREATE: case POWER_RENAME: case POWER_REMOVE: g_array_append_val(cut->waiting, cut->n); break;
        case POWER_SYNC_DIRECTORY: make_names_safe(cut, op->name); break;
        case POWER_NOTHING: break;
        }
    }
}

/* ---- laying out ---- */

void power_disk_empty(const char *directory) {
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR)) power_disk_empty(path);
        g_assert_cmpint(g_remove(path), ==, 0);
    }
}

static gint compare_names(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void power_cut_lay_out(PowerCut *cut, PowerFate fate, guint32 seed, const char *directory) {
    power_disk_empty(directory);
    GRand *rand = g_rand_new_with_seed(seed);
    g_autoptr(GHashTable) names = names_of(cut, fate, rand);
    g_autofree char **sorted = (char **)g_hash_table_get_keys_as_array(names, NULL);
    qsort(sorted, g_hash_table_size(names), sizeof *sorted, compare_names);
    for (guint i = 0; sorted[i]; i++) { /* a folder comes before what is in it */
        guint number = GPOINTER_TO_UINT(g_hash_table_lookup(names, sorted[i]));
        g_autofree char *path = g_build_filename(directory, sorted[i], NULL);
        g_autofree char *holder = g_path_get_dirname(path);
        if (!g_file_test(holder, G_FILE_TEST_IS_DIR)) continue; /* its folder's name is lost, and it with it */
        if (file_at(cut, number)->folder) {
            g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
            continue;
        }
        g_autoptr(GByteArray) bytes = bytes_of(cut, file_at(cut, number), fate, rand);
        g_assert_true(g_file_set_contents_full(path, (const char *)bytes->data, bytes->len, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }
    g_rand_free(rand);
}
