"""Programs that read ZIPs and know nothing of us: each extracts one and sums what it got."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

JAVA_STREAM = """
import java.io.*;
import java.security.*;
import java.util.zip.*;

public class ReadStream {
    public static void main(String[] names) throws Exception {
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        byte[] buffer = new byte[1 << 16];
        try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(
                new FileInputStream(names[0])))) {
            for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                for (int n; (n = zip.read(buffer)) > 0; ) digest.update(buffer, 0, n);
                out.print(String.format("%064x",
                    new java.math.BigInteger(1, digest.digest())) + "  " + entry.getName() + "\\0");
            }
        }
        out.flush();
    }
}
"""
Sums = dict[str, str]
"""Names and SHA-256 sums."""


def run(
    *command: str | Path, cwd: Path | None = None, warned: bool = False, seconds: float = 250.0
) -> str:
    """Run a reader, which must neither fail nor say anything on stderr."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, timeout=seconds, check=False
    )
    complaint = done.stderr.decode(errors="replace")
    assert done.returncode == 0, complaint + done.stdout.decode(errors="replace")[-2000:]
    assert warned or not complaint.strip(), complaint
    return done.stdout.decode(errors="surrogateescape")


def sums_below(folder: Path) -> Sums:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): sum_of(file.read_bytes()) for file in files}


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def by_python(archive: Path, _: Path) -> Sums:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        return {name: sum_of(opened.read(name)) for name in opened.namelist()}


def by_unzip(archive: Path, target: Path) -> Sums:
    run("unzip", "-tqq", archive)
    run("unzip", "-qq", archive, "-d", target)
    return sums_below(target)


def by_7z(archive: Path, target: Path) -> Sums:
    assert "Warning" not in run("7z", "t", archive)
    run("7z", "x", "-bd", f"-o{target}", archive)
    return sums_below(target)


def by_bsdtar(archive: Path, target: Path) -> Sums:
    target.mkdir()
    run("bsdtar", "-xf", archive, "-C", target)
    return sums_below(target)


def by_bsdtar_from_a_pipe(archive: Path, target: Path) -> Sums:
    target.mkdir()
    with archive.open("rb") as stream:
        subprocess.run(["bsdtar", "-xf", "-", "-C", target], stdin=stream, timeout=250, check=True)
    return sums_below(target)


def by_jar(archive: Path, target: Path) -> Sums:
    target.mkdir()
    run("jar", "xf", archive, cwd=target)
    return sums_below(target)


def by_java_stream(archive: Path, target: Path) -> Sums:
    target.mkdir()
    program = target / "ReadStream.java"
    program.write_text(JAVA_STREAM)
    out = run("java", "-Dfile.encoding=UTF-8", program, archive)
    return {line[66:]: line[:64] for line in out.split("\0") if line}


READERS = [
    by_python,
    by_unzip,
    by_7z,
    by_bsdtar,
    by_bsdtar_from_a_pipe,
    by_jar,
    by_java_stream,
]
