/** The one notification that tells of an export, from its begin to its end. */
import type { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { ExportModel, ExportOutcome } from './export';
import { failureText, progressText, readyText } from './texts';
import { Toast, type INotifier, type IToastContent } from './toast';

/** JupyterLab cuts longer messages. */
const LONGEST = 140;

/** Milliseconds that good news stays. */
const GOOD_NEWS = 10_000;

export interface INoticeOptions {
  model: ExportModel;
  notifier: INotifier;
  /** Tells whether a notification is on the screen. */
  isSeen: (id: string) => boolean;
  /** Shows a text that a notification can't. */
  showDetails: (title: string, body: string) => void;
  trans: TranslationBundle;
}

export class ExportNotice implements IDisposable {
  constructor(private readonly options: INoticeOptions) {
    options.model.changed.connect(this._onChanged, this);
    options.model.ended.connect(this._onEnded, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._toast?.dispose();
    Signal.clearData(this);
  }

  private _onChanged(model: ExportModel): void {
    if (!model.running) {
      return;
    }
    const { trans } = this.options;
    const progress = model.job?.progress ?? null;
    const cancel: Notification.IAction = {
      label: trans.__('Cancel'),
      caption: trans.__('Stop preparing the ZIP'),
      callback: event => {
        // The notification stays, to tell how it ended.
        event.preventDefault();
        model.cancel();
      }
    };
    this._show({
      message: progressText(model.phase, progress, trans),
      type: 'in-progress',
      progress: (progress?.percent ?? 0) / 100,
      autoClose: false,
      actions: model.phase === 'cancelling' ? [] : [cancel]
    });
  }

  private _onEnded(model: ExportModel, outcome: ExportOutcome): void {
    const { trans } = this.options;
    switch (outcome.kind) {
      case 'ready': {
        const flawless = outcome.job.left_out === 0 && outcome.unsaved.length === 0;
        const message = readyText(outcome.job, outcome.unsaved, trans);
        this._conclude({
          message,
          type: flawless ? 'success' : 'warning',
          autoClose: flawless ? GOOD_NEWS : false,
          actions: this._details(message)
        });
        break;
      }
      case 'cancelled':
        this._conclude({
          message: trans.__('Download Session: cancelled.'),
          type: 'info',
          autoClose: GOOD_NEWS,
          actions: []
        });
        break;
      case 'failed': {
        const message = failureText(outcome.error, trans);
        const again: Notification.IAction = {
          label: trans.__('Try again'),
          displayType: 'accent',
          callback: () => void model.start()
        };
        this._conclude({
          message,
          type: 'error',
          autoClose: false,
          actions: [...this._details(message), again]
        });
        break;
      }
    }
  }

  /** A way to the whole text, where the notification shows only its begin. */
  private _details(message: string): Notification.IAction[] {
    if (message.length <= LONGEST) {
      return [];
    }
    const { showDetails, trans } = this.options;
    return [
      {
        label: trans.__('Details'),
        callback: event => {
          event.preventDefault();
          showDetails(trans.__('Download Session'), message);
        }
      }
    ];
  }

  /** Show the last word; the next export takes it away and begins anew. */
  private _conclude(content: IToastContent): void {
    this._show(content);
    this._isConcluded = true;
  }

  private _show(content: IToastContent): void {
    if (this._isConcluded) {
      this._toast?.dispose();
      this._toast = null;
      this._isConcluded = false;
    }
    if (this._toast) {
      this._toast.show(content);
      return;
    }
    const { isSeen, notifier, showDetails, trans } = this.options;
    const onUnseen = (error: string) => {
      showDetails(trans.__('Download Session'), error);
    };
    this._toast = new Toast({ notifier, isSeen, onUnseen }, content);
  }

  private _isConcluded = false;
  private _isDisposed = false;
  private _toast: Toast | null = null;
}
