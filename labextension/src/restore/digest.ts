/** Hashes that are the same in the page and in the server. */
import type { IOutput } from '@jupyterlab/nbformat';
import { digest as sha256 } from 'lib0/hash/sha256';

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
 * JSON with one way to write each value, as the server's `records/shown.py` does it.
 *
 * In ASCII without spaces, names sorted by their UTF-16 units, and numbers as their 64 bits,
 * since Python and JavaScript write the same one differently.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([one], [other]) => (one < other ? -1 : 1));
    const members = entries.map(([key, item]) => `${ascii(key)}:${canonical(item)}`);
    return `{${members.join(',')}}`;
  }
  return typeof value === 'number' ? `"#${bits(value)}"` : ascii(value ?? null);
}

function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
}

function bits(number: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return hex(new Uint8Array(view.buffer));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
