/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A TCP port of the loopback on which nothing listens, below those that the kernel gives to outgoing connections: between this
   answer and the server's own bind() no client of a test beside this one can come to have it. */
int free_port(void);
