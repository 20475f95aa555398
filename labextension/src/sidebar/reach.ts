/** How far the sending of a ZIP is. */
import type { ISending } from '../api';

export interface IReach {
  /** Bytes of the ZIP up to where the sending is. */
  reached: number;
  whole: number | null;
  /** Null where the whole is not known. */
  percent: number | null;
}

export function reachOf({ first_byte, sent_bytes, total_bytes }: ISending): IReach {
  const reached = first_byte + sent_bytes;
  const percent = total_bytes ? Math.min(100, (100 * reached) / total_bytes) : null;
  return { reached, whole: total_bytes, percent };
}
