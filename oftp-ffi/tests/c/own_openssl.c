/* A host that links an OpenSSL of its own, and this library: it keeps its own. */
#include "oftp.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    oftp_user_monitor monitor = OFTP_USER_MONITOR_INIT;
    oftp_session *session = NULL;
    if (oftp_session_new(&session, NULL, &monitor, NULL, NULL) < 0)
        return 1;
    /* aws-lc says "OpenSSL 1.1.1 (compatible; AWS-LC ...)". */
    if (strcmp(OpenSSL_version(OPENSSL_VERSION), OPENSSL_VERSION_TEXT)) {
        printf("built with %s, runs with %s\n", OPENSSL_VERSION_TEXT,
               OpenSSL_version(OPENSSL_VERSION));
        return 2;
    }
    if (!EVP_Digest("abc", 3, hash, &len, EVP_sha256(), NULL) || hash[0] != 0xba)
        return 3;
    oftp_session_free(session);
    puts("the host keeps its own OpenSSL");
    return 0;
}
