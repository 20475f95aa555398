/** Hashes that are the same in the page and in the server. */
import type { IOutput } from '@jupyterlab/nbformat';
import { digest as sha256 } from 'lib0/hash/sha256';

/** What Python's `json.dumps` escapes besides what JSON must: its texts are ASCII. */
const ESCAPED = /[\u007f-\uffff]/g;

/** The SHA-256 of a text in UTF-8, in hexadecimal digits. */
export async function textDigest(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  // Pages that came by plain HTTP from another machine have no `subtle`.
  const { subtle } = crypto as Partial<Crypto>;
  return hex(
    subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : sha256(bytes)
  );
}

/** The hash by which the server names what a run shows. */
export function outputsDigest(outputs: readonly IOutput[]): Promise<string> {
  return textDigest(canonical(outputs));
}

/**
 * JSON with one way to write each value: keys sorted, ASCII only, and numbers by their bits,
 * since Python and JavaScript write the same one differently.
 */
export function canonical(value: unknown): string {
  if (typeof value === 'number') {
    return `"#${bits(value)}"`;
  }
  if (typeof value === 'string') {
    return quoted(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([one], [other]) => (one < other ? -1 : 1));
    return `{${entries.map(([key, item]) => `${quoted(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(
    ESCAPED,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}

function bits(value: number): string {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  return hex(new Uint8Array(bytes.buffer));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
