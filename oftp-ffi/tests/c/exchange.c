/* Whole exchanges at every level, in every format, over both kinds of transport. With an argument
 * fewer of them, for valgrind. */
#include "exchange.h"

int main(int argc, char **argv)
{
    static const int32_t levels[] = {OFTP_LEVEL_1_2, OFTP_LEVEL_1_3, OFTP_LEVEL_1_4,
                                     OFTP_LEVEL_2_0};
    static const int32_t formats[] = {OFTP_FORMAT_F, OFTP_FORMAT_V, OFTP_FORMAT_U, OFTP_FORMAT_T};
    static const size_t lengths[] = {0, 80, 4000, 400000};
    static unsigned char content[400000];
    size_t l, f, n, way, runs = 0, failed = 0, i;
    (void)argv;
    for (i = 0; i < sizeof content; i++)
        content[i] = (unsigned char)(i % 251 ^ i / 999);
    for (l = 0; l < 4; l++)
        for (f = 0; f < 4; f++)
            for (n = 0; n < 4; n++)
                for (way = 0; way < (argc > 1 ? 2u : 8u); way++) {
                    exchange_plan plan = {0};
                    plan.level = levels[l];
                    plan.format = formats[f];
                    plan.framing = way & 1;
                    plan.push_octets = (way & 2) != 0;
                    plan.negative = (way & 4) != 0 && levels[l] >= OFTP_LEVEL_1_4;
                    /* oftp_data_rq marks one record here: the file. */
                    plan.push_data =
                        (way & 4) && (formats[f] == OFTP_FORMAT_U || formats[f] == OFTP_FORMAT_T);
                    plan.authenticate = levels[l] == OFTP_LEVEL_2_0;
                    plan.content = content;
                    plan.len = lengths[n];
                    runs++;
                    if (exchange_run(&plan)) {
                        failed++;
                        fprintf(stderr, "failed: level %d format %c %zu octets way %zu\n",
                                (int)plan.level, (char)plan.format, plan.len, way);
                    }
                }
    printf("%zu exchanges, %zu failed\n", runs, failed);
    return failed != 0;
}
