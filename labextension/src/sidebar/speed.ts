/** How far the sending of a ZIP is, and how fast it goes. */
import type { ITransfer } from './contract';

/** Milliseconds that a speed is averaged over. */
const SPAN = 5_000;

interface ISample {
  at: number;
  bytes: number;
}

export class Speedometer {
  /** Note what was seen; keys that were not seen this time are forgotten. */
  note(seen: ReadonlyMap<string, number>, at: number): void {
    const kept = new Map<string, ISample[]>();
    for (const [key, bytes] of seen) {
      const before = this._samples.get(key) ?? [];
      const recent = before.filter(
        (one, i) => at - one.at <= SPAN || i === before.length - 1
      );
      kept.set(key, [...recent, { at, bytes }]);
    }
    this._samples = kept;
  }

  /** Bytes per second, null before two looks. */
  speed(key: string): number | null {
    const samples = this._samples.get(key) ?? [];
    const first = samples.at(0);
    const last = samples.at(-1);
    if (!first || !last || last.at <= first.at) {
      return null;
    }
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }

  private _samples = new Map<string, ISample[]>();
}

/** What a sending has reached of its ZIP, in bytes and percent. */
export interface IReach {
  reached: number;
  whole: number | null;
  /** Null where the whole is not known. */
  percent: number | null;
}

export function reachOf({ first_byte, sent_bytes, total_bytes }: ITransfer): IReach {
  const reached = first_byte + sent_bytes;
  const percent = total_bytes ? Math.min(100, (100 * reached) / total_bytes) : null;
  return { reached, whole: total_bytes, percent };
}

/** Seconds until it is sent, null while that is not known. */
export function remainingOf(transfer: ITransfer, speed: number | null): number | null {
  const { reached, whole } = reachOf(transfer);
  return whole === null || speed === null || speed <= 0
    ? null
    : (whole - reached) / speed;
}
