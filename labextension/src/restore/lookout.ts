/** Looks whether the record has more than a notebook shows, and does what the setting says. */
import {
  FORBIDDEN,
  NOT_INSTALLED,
  SERVER_UNREACHABLE,
  SessionExportError,
  UNAUTHENTICATED
} from '../errors';
import type { Comparison } from './comparison';
import { countOutputs, type IRun } from './contract';
import type { IOutcome, ITells, Mode } from './offers';

/** There is no server to ask, or none that answers this page. */
const AWAY = [SERVER_UNREACHABLE, NOT_INSTALLED, UNAUTHENTICATED, FORBIDDEN];

export interface ILookoutOptions {
  comparison: Pick<Comparison, 'patiently'>;
  mode: () => Mode;
  /** Begin to restore: what brings runs back, except into cells that are left from now on. */
  restoring: () => (runs: readonly IRun[]) => Promise<IOutcome>;
  tells: ITells;
  isDisposed: () => boolean;
}

export class Lookout {
  constructor(private readonly options: ILookoutOptions) {}

  /** Look once more, however often it is asked for meanwhile. Never rejects. */
  async look(isAsked: boolean): Promise<void> {
    this._isDue = true;
    this._isAsked ||= isAsked;
    this._looking ??= this._lookWhileDue().finally(() => {
      this._looking = null;
    });
    return this._looking;
  }

  private async _lookWhileDue(): Promise<void> {
    while (this._isDue && !this.options.isDisposed()) {
      const isAsked = this._isAsked;
      this._isDue = false;
      this._isAsked = false;
      try {
        await this._lookOnce(isAsked);
      } catch (reason) {
        this._tellFailed(SessionExportError.from(reason), isAsked);
      }
    }
  }

  /** Who has asked for nothing needn't read here, too, that the server is away. */
  private _tellFailed(error: SessionExportError, isAsked: boolean): void {
    if (isAsked || !AWAY.includes(error.code)) {
      this.options.tells.failed(error);
    }
  }

  private async _lookOnce(isAsked: boolean): Promise<void> {
    const { comparison, isDisposed, mode, restoring, tells } = this.options;
    if (mode() === 'never' && !isAsked) {
      return;
    }
    const restore = restoring();
    const { sure, unsure, changed } = await comparison.patiently(isAsked);
    if (isDisposed()) {
      return;
    }
    const isAtOnce = mode() === 'always' && !isAsked;
    if (isAtOnce && sure.length > 0) {
      tells.restored(await restore(sure));
    }
    const offer = { sure: isAtOnce ? [] : sure, unsure, changed: changed.length };
    // Where only numbers are missing nobody needs to be asked.
    if (countOutputs([...offer.sure, ...unsure]) > 0) {
      tells.offer(offer);
    } else if (isAsked) {
      tells.nothing(changed.length);
    }
  }

  private _isAsked = false;
  private _isDue = false;
  private _looking: Promise<void> | null = null;
}
