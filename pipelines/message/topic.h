/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include "base/id.h"
#include "event/event.h"

/* The topics of the MQTT contract, version 1, under skynet/v1/<site>/. New strings. Ids are asserted valid. */
char *sky_topic_root(const char *site);                               /* "skynet/v1/<site>" */
char *sky_topic_status(const char *site);
char *sky_topic_camera_status(const char *site, const char *camera);
char *sky_topic_camera_motion(const char *site, const char *camera);
char *sky_topic_event(const char *site, const char *camera, SkyEventKind kind);
char *sky_topic_alert(const char *site, const char *audience, const char *alert);
char *sky_topic_alert_log(const char *site, const char *audience);
char *sky_topic_image(const char *site, const char *audience, const char *alert);
char *sky_topic_reply(const char *site, const char *audience, const char *client);
char *sky_topic_replay(const char *site, const char *audience, const char *client);
char *sky_topic_command_filter(const char *site);                     /* ".../cmd/+/+/+" */
char *sky_topic_metrics(const char *site);
/* What is retained for as long as it is true, as filters: cameras and open alerts. NULL-terminated, for g_strfreev(). */
char **sky_topic_retained_filters(const char *site);
/* Which of these it is: camera/<camera>/status or motion (audience ""), or alert/<audience>/<alert>. FALSE: none of them. */
gboolean sky_topic_retained_parse(const char *site, const char *topic, char ret_audience[SKY_ID_BYTES], char ret_id[SKY_ID_BYTES]);
/* What the gateway publishes to and reads back to learn whether the broker lets an audience's messages through:
 * alert/<audience>/probe, not retained, payload {"probe":true}-envelope; readers ignore the alert name "probe". */
char *sky_topic_probe(const char *site, const char *audience);
/* The same for what people send: cmd/probe/probe/probe, which the command filter takes in, and no audience bears that name. */
char *sky_topic_command_probe(const char *site);
