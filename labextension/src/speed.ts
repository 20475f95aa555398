/** How fast something grows, judged by the last seconds. */

/** Milliseconds that count. */
const WINDOW = 5_000;

/** Milliseconds below which nothing can be said. */
const LEAST = 500;

interface ISample {
  at: number;
  bytes: number;
}

export class Speed {
  /** Take a sample; times are milliseconds of any one clock. */
  add(bytes: number, at: number): void {
    const last = this._samples.at(-1);
    if (last && bytes < last.bytes) {
      // Another sending, which began anew.
      this._samples = [];
    }
    this._samples.push({ at, bytes });
    while ((this._samples[1]?.at ?? at) <= at - WINDOW) {
      this._samples.shift();
    }
  }

  /** Null while nothing is known. */
  get bytesPerSecond(): number | null {
    const first = this._samples[0];
    const last = this._samples.at(-1);
    if (!first || !last || last.at - first.at < LEAST) {
      return null;
    }
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  /** Seconds until there are so many bytes; null while nothing is known, or nothing moves. */
  remaining(total: number): number | null {
    const speed = this.bytesPerSecond;
    const last = this._samples.at(-1);
    return speed && last ? Math.max(0, total - last.bytes) / speed : null;
  }

  private _samples: ISample[] = [];
}
