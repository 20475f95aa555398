/** Shows on a notebook's toolbar whether its session is recorded; a click changes it. */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { recordingIcons } from './icons';
import type { RecordingModel } from './recording';
import {
  notebookOffAction,
  notebookOffTooltip,
  recordingAction,
  recordingLabel,
  recordingTooltip
} from './texts';

/** What of a notebook's session hints that the recording may have changed. */
export type SessionHints = Pick<ISessionContext, 'statusChanged' | 'kernelChanged'>;

export class RecordingIndicator extends Widget {
  constructor(
    private readonly model: RecordingModel,
    session: SessionHints,
    private readonly trans: TranslationBundle,
    private readonly path: () => string = () => ''
  ) {
    super();
    this.addClass('jp-SessionExport-indicator');
    this._button.type = 'button';
    this._button.className = 'jp-SessionExport-recording';
    this._button.append(this._icon, this._label);
    this._button.addEventListener('click', this._onClick);
    this._button.addEventListener('mousedown', keepFocus);
    this.node.append(this._button);
    model.changed.connect(this._render, this);
    session.statusChanged.connect(this._onHint, this);
    session.kernelChanged.connect(this._onHint, this);
    this._attached = model.attach(this);
    this._render();
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._attached.dispose();
    this._button.removeEventListener('click', this._onClick);
    this._button.removeEventListener('mousedown', keepFocus);
    Signal.clearData(this);
    super.dispose();
  }

  protected override onAfterShow(): void {
    this._onHint();
  }

  protected override onAfterAttach(): void {
    this._onHint();
  }

  private readonly _onClick = (): void => {
    const path = this.path();
    void (this.model.isOff(path) ? this.model.toggleNotebook(path) : this.model.toggle());
  };

  private _onHint(): void {
    this.model.hint();
  }

  private _render(): void {
    const { model, trans } = this;
    const path = this.path();
    const isOff = model.isOff(path);
    const label = isOff ? trans.__('Notebook off') : recordingLabel(model, trans);
    const action = isOff
      ? notebookOffAction(model, path, trans)
      : recordingAction(model, trans);
    const state = isOff ? 'off' : model.state;
    this._label.textContent = label;
    recordingIcons[state].element({
      container: this._icon,
      stylesheet: 'toolbarButton'
    });
    this._button.dataset['state'] = state;
    this._button.title = isOff
      ? notebookOffTooltip(model, path, trans)
      : recordingTooltip(model, trans);
    this._button.ariaLabel = action ? trans.__('%1. %2', label, action) : label;
    this._button.ariaBusy = String(model.busy);
    this._button.disabled = action === null;
  }

  private readonly _attached: IDisposable;
  private readonly _button = document.createElement('button');
  private readonly _icon = document.createElement('span');
  private readonly _label = document.createElement('span');
}

/** The focus stays in the notebook's cell, as with the toolbar's other buttons. */
function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
