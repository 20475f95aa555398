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

/** JSON with one way to write each value: RFC 8785, whose numbers are JavaScript's. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([one], [other]) => (one < other ? -1 : 1));
    const members = entries.map(
      ([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`
    );
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
