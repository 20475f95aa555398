/** The one notification that tells of an export, from its begin until the browser has it. */
import type { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { IExportJob, IExportRequest } from './api';
import type { Delivery, DeliveryState } from './delivery';
import {
  CANCELLED_SESSION_CHANGE,
  SERVER_UNREACHABLE,
  type SessionExportError
} from './errors';
import { sameAgain, type ExportModel, type ExportOutcome } from './export';
import {
  deliveryText,
  endedByReloadText,
  failureText,
  progressText,
  readyText,
  silenceText
} from './texts';
import { Toast, type INotifier, type IToastContent } from './toast';

/** JupyterLab cuts longer messages. */
const LONGEST = 140;

/** Milliseconds that good news stays. */
const GOOD_NEWS = 10_000;

export interface INoticeOptions {
  model: ExportModel;
  delivery: Delivery;
  notifier: INotifier;
  /** Tells whether a notification is on the screen. */
  isSeen: (id: string) => boolean;
  /** Shows a text that a notification can't. */
  showDetails: (title: string, body: string) => void;
  /** Shows what an export has left out. */
  showLeftOut: (job: IExportJob) => void;
  trans: TranslationBundle;
}

export class ExportNotice implements IDisposable {
  constructor(private readonly options: INoticeOptions) {
    options.model.changed.connect(this._onChanged, this);
    options.model.ended.connect(this._onEnded, this);
    options.delivery.changed.connect(this._onDelivery, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Tell of an export that loading this page has ended. */
  tellEnded(job: IExportJob): void {
    const { trans } = this.options;
    this._renew();
    this._show({
      message: endedByReloadText(job, trans),
      type: 'warning',
      autoClose: false,
      actions: [this._again(trans.__('Start again'), sameAgain(job))]
    });
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
    if (!this._isRunning) {
      this._isRunning = true;
      this.options.delivery.leave();
      this._renew();
    }
    const { trans } = this.options;
    const progress = model.job?.progress ?? null;
    this._show({
      message: model.isSilent
        ? silenceText(trans)
        : progressText(model.phase, progress, trans),
      type: 'in-progress',
      progress: (progress?.percent ?? 0) / 100,
      autoClose: false,
      actions:
        model.phase === 'cancelling'
          ? []
          : [
              this._cancel(trans.__('Stop preparing the ZIP'), () => {
                model.cancel();
              })
            ]
    });
  }

  private _onEnded(_: ExportModel, outcome: ExportOutcome): void {
    this._isRunning = false;
    switch (outcome.kind) {
      case 'ready':
        this._unsaved = outcome.unsaved;
        this._onDelivery(this.options.delivery);
        break;
      case 'cancelled':
        this._tellCancelled();
        break;
      case 'failed':
        this._tellFailure(outcome.error, outcome.request);
        break;
    }
  }

  private _onDelivery({ isSilent, job, state }: Delivery): void {
    const { delivery, trans } = this.options;
    if (!job) {
      return;
    }
    switch (state.kind) {
      case 'idle':
        break;
      case 'starting':
      case 'sending':
        this._show({
          message: isSilent ? silenceText(trans) : deliveryText(job, state, trans),
          type: 'in-progress',
          progress: share(state),
          autoClose: false,
          actions: [
            ...this._leftOut(job),
            this._cancel(trans.__('Stop the download'), () => void delivery.cancel())
          ]
        });
        break;
      case 'cancelled':
        this._tellCancelled();
        break;
      case 'failed':
        this._tellFailure(
          state.error,
          sameAgain(job),
          state.error.code === SERVER_UNREACHABLE
        );
        break;
      default:
        this._tellReady(job, state);
    }
  }

  private _tellReady(job: IExportJob, state: DeliveryState): void {
    const { trans } = this.options;
    const message = readyText(job, state, this._unsaved, trans);
    const isSent = state.kind === 'done';
    const isFlawless = isSent && job.left_out === 0 && this._unsaved.length === 0;
    this._show({
      message,
      type: isFlawless ? 'success' : 'warning',
      autoClose: isFlawless ? GOOD_NEWS : false,
      actions: [
        ...this._details(message),
        ...this._leftOut(job),
        ...(isSent ? [] : [this._downloadAgain()])
      ]
    });
  }

  private _tellCancelled(): void {
    this._show({
      message: this.options.trans.__('Download Session: cancelled.'),
      type: 'info',
      autoClose: GOOD_NEWS,
      actions: []
    });
  }

  /** `isKept` tells whether the ZIP, which outlives its server, may still be there. */
  private _tellFailure(
    error: SessionExportError,
    request: IExportRequest,
    isKept = false
  ): void {
    const { trans } = this.options;
    const again = isKept
      ? this._downloadAgain()
      : this._again(
          error.code === CANCELLED_SESSION_CHANGE
            ? trans.__('Start again')
            : trans.__('Try again'),
          request
        );
    const message = failureText(error, trans);
    this._show({
      message,
      type: error.code === CANCELLED_SESSION_CHANGE ? 'warning' : 'error',
      autoClose: false,
      actions: [...this._details(message), again]
    });
  }

  private _again(label: string, request: IExportRequest): Notification.IAction {
    return {
      label,
      displayType: 'accent',
      callback: () => void this.options.model.start(request)
    };
  }

  private _downloadAgain(): Notification.IAction {
    const { delivery, trans } = this.options;
    return {
      label: trans.__('Download again'),
      displayType: 'accent',
      callback: keepOpen(() => void delivery.again())
    };
  }

  /** The notification stays, to tell how it ended. */
  private _cancel(caption: string, stop: () => void): Notification.IAction {
    const label = this.options.trans.__('Cancel');
    return { label, caption, callback: keepOpen(stop) };
  }

  /** A way to what is not in the ZIP. */
  private _leftOut(job: IExportJob): Notification.IAction[] {
    const { showLeftOut, trans } = this.options;
    if (job.left_out === 0) {
      return [];
    }
    const show = () => {
      showLeftOut(job);
    };
    return [
      {
        label: trans.__('Show'),
        caption: trans.__('Show what was left out, and why'),
        callback: keepOpen(show)
      }
    ];
  }

  /** A way to the whole text, where the notification shows only its begin. */
  private _details(message: string): Notification.IAction[] {
    if (message.length <= LONGEST) {
      return [];
    }
    const { showDetails, trans } = this.options;
    const show = () => {
      showDetails(trans.__('Download Session'), message);
    };
    return [{ label: trans.__('Details'), callback: keepOpen(show) }];
  }

  /** Take the last word on another export away. */
  private _renew(): void {
    this._toast?.dispose();
    this._toast = null;
    this._unsaved = [];
  }

  private _show(content: IToastContent): void {
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

  private _isDisposed = false;
  private _isRunning = false;
  private _toast: Toast | null = null;
  private _unsaved: string[] = [];
}

/** An action after which the notification stays. */
function keepOpen(act: () => void): Notification.IAction['callback'] {
  return event => {
    event.preventDefault();
    act();
  };
}

/** From 0 to 1. */
function share(state: DeliveryState): number {
  return state.kind === 'sending' && state.total > 0 ? state.position / state.total : 0;
}
