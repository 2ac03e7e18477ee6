/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "fuzz.h"

/* A plain main for fuzz drivers: each file of a corpus once as it is, then with mutations that are the same in every run, so that
 * the sanitizer builds get some of the good of a fuzzer with any compiler. TAP, one test a file. */
#define MUTATIONS 200
#define INPUT_BYTES_MAX (64 * 1024)

/* Exactly as much memory as there is input: a read past it is seen by the address sanitizer. */
static void run(const GByteArray *input) {
    g_autofree uint8_t *exact = g_malloc(MAX(input->len, 1)); /* like libFuzzer: never NULL */
    if (input->len > 0)
        memcpy(exact, input->data, input->len);
    LLVMFuzzerTestOneInput(exact, input->len);
}

static void mutate(GByteArray *input, GRand *dice) {
    static const char *const pieces[] = {"\"", "\\", "{", "[", "\n", " ", "@", "://", "%00", "\\u0000",
                                         "\\ud800", "\xff", "\x1b[2J", "1e999", "#"};
    guint at = input->len > 0 ? (guint)g_rand_int_range(dice, 0, (gint32)input->len) : 0;
    const char *piece = pieces[g_rand_int_range(dice, 0, G_N_ELEMENTS(pieces))];
    switch (input->len > 0 ? g_rand_int_range(dice, 0, 5) : 0) {
    case 0: { /* insert */
        g_autoptr(GByteArray) tail = g_byte_array_new();
        g_byte_array_append(tail, input->data + at, input->len - at);
        g_byte_array_set_size(input, at);
        g_byte_array_append(input, (const guint8 *)piece, (guint)strlen(piece));
        g_byte_array_append(input, tail->data, tail->len);
        break;
    }
    case 1: /* remove */
        g_byte_array_remove_range(input, at, (guint)g_rand_int_range(dice, 1, (gint32)(input->len - at + 1)));
        break;
    case 2: /* one byte */
        input->data[at] = (guint8)g_rand_int_range(dice, 0, 256);
        break;
    case 3: /* one bit */
        input->data[at] ^= (guint8)(1 << g_rand_int_range(dice, 0, 8));
        break;
    default: /* say a part twice */
        if (input->len < INPUT_BYTES_MAX / 2) {
            g_autoptr(GByteArray) part = g_byte_array_new();
            g_byte_array_append(part, input->data + at, input->len - at);
            g_byte_array_append(input, part->data, part->len);
        }
        break;
    }
}

static void test_file(gconstpointer path) {
    g_autofree char *text = NULL;
    gsize bytes = 0;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, &bytes, &error);
    g_assert_no_error(error);
    g_autoptr(GByteArray) input = g_byte_array_new();
    g_byte_array_append(input, (const guint8 *)text, (guint)bytes);
    run(input);
    g_autofree char *name = g_path_get_basename(path);
    g_autoptr(GRand) dice = g_rand_new_with_seed(g_str_hash(name)); /* the same wherever the tree lies */
    for (guint i = 0; i < MUTATIONS; i++) {
        if (i % 8 == 0) { /* begin anew from the file: mutations pile up to eight deep */
            g_byte_array_set_size(input, 0);
            g_byte_array_append(input, (const guint8 *)text, (guint)bytes);
        }
        mutate(input, dice);
        run(input);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) folder = g_dir_open(argv[1], 0, &error);
    g_assert_no_error(error);
    guint files = 0;
    for (const char *name; (name = g_dir_read_name(folder)); files++) {
        g_autofree char *test = g_strconcat("/replay/", name, NULL);
        g_test_add_data_func_full(test, g_build_filename(argv[1], name, NULL), test_file, g_free);
    }
    g_assert_cmpuint(files, >, 0);
    return g_test_run();
}
