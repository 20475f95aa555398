// Packs a folder with archiver at level 9, counts the bytes and prints how it went.
import { ZipArchive } from 'archiver';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const began = performance.now();
let bytes = 0;
let firstByte = 0;
const sink = new Writable({
  highWaterMark: 1024 * 1024,
  write(chunk, _encoding, done) {
    firstByte ||= performance.now() - began;
    bytes += chunk.length;
    done();
  }
});

const archive = new ZipArchive({ zlib: { level: 9 } });
archive.directory(process.argv[2], false);
const packed = pipeline(archive, sink);
await archive.finalize();
await packed;

const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ seconds, bytes, firstByte: firstByte / 1000 }));
