/*
 * Seals a file for a partner and opens it again, as the partner would: signed, compressed,
 * encrypted (RFC 5024 chapter 6), from descriptor to descriptor, in constant memory.
 *
 *   cc seal.c -loftp -o seal
 *   ./seal own.key own.pem partner.key partner.pem FILE SEALED OPENED
 *
 * A real station has the partner's certificate alone; the partner's key is here to open the
 * message again.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <oftp.h>

static void check(oftp_status status, const char *what)
{
    if (status < 0) {
        fprintf(stderr, "%s: %s: %s\n", what, oftp_status_name(status), oftp_last_error());
        exit(1);
    }
}

static int descriptor(const char *path, int flags)
{
    int fd = open(path, flags, 0600);
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

/* Less than 0 would stop the work: OFTP_E_CALLBACK. */
static int32_t progress(uint64_t done, uint64_t total, void *user_data)
{
    fprintf(stderr, "\r%s %" PRIu64 " of %" PRIu64, (const char *)user_data, done, total);
    return 0;
}

static oftp_keystore *keystore(const char *key, const char *certificate)
{
    oftp_keystore *made = NULL;
    check(oftp_keystore_new(&made), "keystore");
    /* The passphrase comes from the environment, never from the command line. */
    if (key != NULL)
        check(oftp_keystore_add_file(made, key, getenv("OFTP_PASSPHRASE")), key);
    check(oftp_keystore_add_file(made, certificate, NULL), certificate);
    return made;
}

/* Whose certificates count: exactly the one that the partner has given to us. */
static oftp_trust *trust(const char *certificate)
{
    oftp_keystore *given = keystore(NULL, certificate);
    oftp_trust *made = NULL;
    check(oftp_trust_new(&made, NULL), "trust");
    check(oftp_trust_pin(made, given), certificate);
    oftp_keystore_free(given);
    return made;
}

int main(int argc, char **argv)
{
    oftp_cms_seal_plan seal = OFTP_CMS_SEAL_PLAN_INIT;
    oftp_cms_open_plan unseal = OFTP_CMS_OPEN_PLAN_INIT;
    oftp_cms_opened opened = OFTP_CMS_OPENED_INIT;
    oftp_keystore *ours, *theirs;
    oftp_trust *partner, *us;
    int in, out;
    oftp_status status;

    if (argc != 8) {
        fprintf(stderr, "usage: %s OWN.KEY OWN.PEM PARTNER.KEY PARTNER.PEM FILE SEALED OPENED\n",
                argv[0]);
        return 2;
    }
    ours = keystore(argv[1], argv[2]);
    theirs = keystore(argv[3], argv[4]);
    partner = trust(argv[4]);
    us = trust(argv[2]);

    seal.signer = ours;
    seal.partner = partner;
    seal.compression = 6;
    in = descriptor(argv[5], O_RDONLY);
    out = descriptor(argv[6], O_WRONLY | O_CREAT | O_TRUNC);
    check(oftp_cms_seal_fd(&seal, in, out, progress, "sealed"), "\nseal");
    close(in);
    close(out);

    /* What SFIDSEC and SFIDCOMP announce. */
    unseal.security = OFTP_SECURITY_ENCRYPTED | OFTP_SECURITY_SIGNED;
    unseal.compression = 1;
    unseal.keystore = theirs;
    unseal.trust = us;
    in = descriptor(argv[6], O_RDONLY);
    out = descriptor(argv[7], O_WRONLY | O_CREAT | O_TRUNC);
    status = oftp_cms_open_fd(&unseal, in, out, progress, "\nopened", &opened);
    if (status == OFTP_E_CMS)
        fprintf(stderr, "\nNERP reason for the partner: %d", (int)opened.nerp_reason);
    if (status < 0)
        unlink(argv[7]); /* What came out must not be used. */
    check(status, "\nopen");
    close(in);
    close(out);
    printf("\n%" PRIu64 " octets, signed by %s\n", opened.octets, opened.signer);

    oftp_trust_free(us);
    oftp_trust_free(partner);
    oftp_keystore_free(theirs);
    oftp_keystore_free(ours);
    return 0;
}
