// Deflates a file at level 9 with node's zlib and prints seconds and bytes.
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';

const raw = readFileSync(process.argv[2]);
const began = performance.now();
const bytes = deflateRawSync(raw, { level: 9 }).length;
console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, bytes }));
