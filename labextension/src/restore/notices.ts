/** The notifications about one notebook: what can be restored, what was, and its undoing. */
import type { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { SessionExportError } from '../errors';
import type { INotifier } from '../toast';
import { countOutputs, type IRun } from './contract';
import type { IOffer, IOutcome, ITells } from './offers';
import {
  nothingText,
  notRestoredText,
  offeredRuns,
  offerText,
  restoreAllLabel,
  restoredText,
  restoreLabel
} from './texts';

/** Milliseconds for which what was done can be undone by a click. */
const UNDO = 20_000;

/** Milliseconds for which it is told that there is nothing to do. */
const BRIEF = 5_000;

/** What a person can do by these notifications. */
export interface IDeeds {
  restore(runs: IRun[]): void;
  decline(runs: IRun[]): void;
  undo(): void;
  /** Don't ask any more, in any notebook. */
  never(): void;
}

export interface INoticesOptions {
  notifier: INotifier;
  /** Tells whether a notification is on the screen: JupyterLab loses what changes before. */
  isSeen: (id: string) => boolean;
  deeds: IDeeds;
  /** The notebook's. */
  name: () => string;
  trans: TranslationBundle;
}

export class RestoreNotices implements ITells, IDisposable {
  constructor(private readonly options: INoticesOptions) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What was offered before gives its place: nothing moves below a person's pointer. */
  offer(offer: IOffer): void {
    const isSeen = this._id !== null && this.options.isSeen(this._id);
    if (this._offer === null || !isSeen || !this._update(offer)) {
      this._notify(this._offerText(offer), 'info', false, this._offerActions(offer));
    }
    this._offer = offer;
  }

  /** Offer it no more. */
  withdraw(cellId: string): void {
    const isOther = (run: IRun) => run.cell_id !== cellId;
    if (this._offer && !offeredRuns(this._offer).every(isOther)) {
      const { changed, sure, unsure } = this._offer;
      this._offer = {
        sure: sure.filter(isOther),
        unsure: unsure.filter(isOther),
        changed
      };
      clearTimeout(this._timer);
      // Running all cells has a signal for each of them.
      this._timer = setTimeout(() => {
        this._shrink();
      });
    }
  }

  nothing(changed: number): void {
    const { name, trans } = this.options;
    this._notify(nothingText(name(), changed, trans), 'info', BRIEF, []);
  }

  restored(outcome: IOutcome): void {
    const { deeds, trans } = this.options;
    if (outcome.error) {
      this.failed(outcome.error);
    }
    if (countOutputs(outcome.restored) === 0 && outcome.changed === 0) {
      return;
    }
    const undo = {
      label: trans.__('Undo'),
      caption: trans.__('Put back what the cells have shown before'),
      callback: () => {
        deeds.undo();
      }
    };
    const actions = outcome.restored.length > 0 ? [undo] : [];
    this._notify(
      restoredText(this.options.name(), outcome, trans),
      'success',
      UNDO,
      actions
    );
  }

  failed(error: SessionExportError): void {
    const { notifier, trans } = this.options;
    notifier.notify(notRestoredText(error, trans), 'error', { autoClose: false });
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._dismiss();
  }

  /** Each takes the place of the one before. */
  private _notify(
    message: string,
    type: Notification.TypeOptions,
    autoClose: number | false,
    actions: Notification.IAction[]
  ): void {
    this._dismiss();
    if (!this._isDisposed) {
      this._id = this.options.notifier.notify(message, type, { autoClose, actions });
    }
  }

  private _shrink(): void {
    const offer = this._offer;
    if (!offer) {
      return;
    }
    if (countOutputs(offeredRuns(offer)) === 0) {
      this._dismiss();
      return;
    }
    this._update(offer);
  }

  /** Tell whether there still was a notification to change. */
  private _update(offer: IOffer): boolean {
    return (
      this._id !== null &&
      this.options.notifier.update({
        id: this._id,
        message: this._offerText(offer),
        actions: this._offerActions(offer)
      })
    );
  }

  private _offerText(offer: IOffer): string {
    return offerText(this.options.name(), offer, this.options.trans);
  }

  private _offerActions(offer: IOffer): Notification.IAction[] {
    const { deeds, trans } = this.options;
    const { sure, unsure } = offer;
    const runs = offeredRuns(offer);
    const doubtless: Notification.IAction = {
      label: restoreLabel(sure, trans),
      displayType: 'accent',
      callback: () => {
        deeds.restore(sure);
      }
    };
    const all: Notification.IAction = {
      label: restoreAllLabel(runs, trans),
      caption: trans.__('Also where the page may show more, or a later run'),
      callback: () => {
        deeds.restore(runs);
      }
    };
    return [
      ...(countOutputs(sure) > 0 ? [doubtless] : []),
      ...(countOutputs(unsure) > 0 ? [all] : []),
      {
        label: trans.__('Not Now'),
        callback: () => {
          deeds.decline(runs);
        }
      },
      {
        label: trans.__('Never'),
        caption: trans.__(
          'Don’t offer this in any notebook; the setting “Restore outputs” brings it back'
        ),
        callback: () => {
          deeds.never();
        }
      }
    ];
  }

  private _dismiss(): void {
    this._offer = null;
    if (this._id !== null) {
      this.options.notifier.dismiss(this._id);
      this._id = null;
    }
  }

  private _id: string | null = null;
  private _isDisposed = false;
  /** What the notification offers, if it does. */
  private _offer: IOffer | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
