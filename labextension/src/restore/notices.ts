/** The notifications about one notebook: what can be restored, what was, and its undoing. */
import type { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { SessionExportError } from '../errors';
import { failureText } from '../texts';
import type { INotifier } from '../toast';
import { countOutputs, type IRun } from './contract';
import type { IOutcome, ITells } from './restorer';
import { nothingText, offerText, restoredText, restoreLabel } from './texts';

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
  notifier: Pick<INotifier, 'notify' | 'dismiss'>;
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

  offer(runs: IRun[], changed: number): void {
    const { deeds, trans } = this.options;
    this._notify(offerText(this.options.name(), runs, changed, trans), 'info', false, [
      {
        label: restoreLabel(runs, trans),
        displayType: 'accent',
        callback: () => {
          deeds.restore(runs);
        }
      },
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
    ]);
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
    const text = trans.__('Outputs were not restored: %1', failureText(error, trans));
    notifier.notify(text, 'error', { autoClose: false });
  }

  dispose(): void {
    this._isDisposed = true;
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

  private _dismiss(): void {
    if (this._id !== null) {
      this.options.notifier.dismiss(this._id);
      this._id = null;
    }
  }

  private _id: string | null = null;
  private _isDisposed = false;
}
