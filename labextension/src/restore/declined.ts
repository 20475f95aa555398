/** Runs that a person doesn't want to have back, remembered in the browser. */

/** The oldest are forgotten when there are more. */
const MOST = 1_000;

export class Declined {
  constructor(
    private readonly storage: () => Pick<Storage, 'getItem' | 'setItem'>,
    private readonly name: string
  ) {}

  all(): ReadonlySet<string> {
    return new Set(this._read());
  }

  add(keys: readonly string[]): void {
    const kept = this._read().filter(key => !keys.includes(key));
    try {
      const all = [...kept, ...keys].slice(-MOST);
      this.storage().setItem(this.name, JSON.stringify(all));
    } catch {
      // A browser without storage, or with a full one, asks again next time.
    }
  }

  private _read(): string[] {
    try {
      const found: unknown = JSON.parse(this.storage().getItem(this.name) ?? '[]');
      return Array.isArray(found) ? found.filter(key => typeof key === 'string') : [];
    } catch {
      return [];
    }
  }
}
