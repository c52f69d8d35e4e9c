/** A certificate that nobody signed but itself, for tests of what a client says to it. Protects nothing. */
export const selfSigned = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWoreaSzqtZYEuytM
qMGNhpukebW3Ia0UjNvtpkI5doShRANCAARhlrhIQjI6ZCOVDajlV33wXR6ATnF0
c4kC0uIIacllGLOrpA+mur27CWlOPDSyKv7LVAK1bU/uSl7ob4aCt6rx
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUViwQPPftiAIZiB3OM81YXJ12yL8wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjAwMjI0MVoYDzIxMjYxMDI5
MDAyMjQxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARhlrhIQjI6ZCOVDajlV33wXR6ATnF0c4kC0uIIacllGLOrpA+mur27
CWlOPDSyKv7LVAK1bU/uSl7ob4aCt6rxo1MwUTAdBgNVHQ4EFgQUIJKJeuzOtOdx
edul9nrfiZZVzEswHwYDVR0jBBgwFoAUIJKJeuzOtOdxedul9nrfiZZVzEswDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAspITssjPvEtmRxhBube7
eSw/gR7pbV1TG932iacSmxMCIQDMCF4ho798nWFEs2weBj0jIxwRPEGjpUJ6pssA
aYN79g==
-----END CERTIFICATE-----`,
} as const;
