"""Certificates that tests sign."""

import ssl
import subprocess


def openssl(*arguments) -> str:
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


class Authority:
    """Signs certificates; all files are in one directory."""

    def __init__(self, directory, name):
        self._directory, self.certificate, self._key = directory, directory / f"{name}.pem", directory / f"{name}.key"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 2, "-subj", f"/CN={name}",
                "-keyout", self._key, "-out", self.certificate, "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def sign(self, name, extensions="") -> tuple:
        """Paths of a certificate and its key."""
        certificate, key, request = (self._directory / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        extension_file = self._directory / f"{name}.ext"
        extension_file.write_text(extensions)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                "-days", 2, "-out", certificate, "-extfile", extension_file)
        return certificate, key

    def end_of(self, name) -> float:
        """When a certificate ends, in seconds since 1970."""
        line = openssl("x509", "-in", self._directory / f"{name}.pem", "-noout", "-enddate")
        return ssl.cert_time_to_seconds(line.strip().removeprefix("notAfter="))
