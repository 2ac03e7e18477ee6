/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/* A skynet-camera that a test has started: its process, its commands, its end. */
typedef struct CameraFixture CameraFixture;

/* program: skynet-camera. options: NAME=VIDEO and what else its command line takes, separated by blanks. Waits until it is ready;
 * NULL: it did not start. A free port on loopback is chosen. */
CameraFixture *camera_fixture_new(const char *program, const char *options);
void camera_fixture_free(CameraFixture *camera); /* ends the process */
char *camera_fixture_url(const CameraFixture *camera, const char *name);
void camera_fixture_tell(CameraFixture *camera, const char *format, ...)
    G_GNUC_PRINTF(2, 3); /* one command; must be answered by ok */
char *camera_fixture_ask(CameraFixture *camera, const char *command); /* one command; the answer */
/* The next `loop` line of that name: its number, and when its first picture was sent. */
int64_t camera_fixture_await_loop(CameraFixture *camera, const char *name, guint64 *ret_number);
int camera_fixture_port(const CameraFixture *camera);
int camera_fixture_process(const CameraFixture *camera);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CameraFixture, camera_fixture_free)
