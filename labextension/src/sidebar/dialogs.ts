/** Asks by JupyterLab's dialogs; the button that loses nothing has the focus. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { IAsk, IQuestion } from './actions';
import type { ISession, PurgeScope } from './contract';
import { PurgeForm } from './purgeForm';

export class Dialogs implements IAsk {
  constructor(private readonly trans: TranslationBundle) {}

  async confirm({ title, lines, action }: IQuestion): Promise<boolean> {
    const body = new Widget();
    body.addClass('jp-SessionExport-details');
    body.node.textContent = lines.join('\n');
    const { button } = await showDialog({
      title,
      body,
      buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: action })],
      defaultButton: 0
    });
    return button.accept;
  }

  purge(session: ISession): Promise<PurgeScope | null> {
    return this._purge(new PurgeForm(session, this.trans), session);
  }

  /** Asks once more where the number of the execution is missing. */
  private async _purge(body: PurgeForm, session: ISession): Promise<PurgeScope | null> {
    const { trans } = this;
    const { button, value } = await showDialog({
      title: trans.__('Purge session %1', session.number),
      body,
      buttons: [
        Dialog.cancelButton(),
        Dialog.warnButton({ label: trans.__('Remove From Record') })
      ],
      defaultButton: 0
    });
    if (button.accept && value === null) {
      return this._purge(new PurgeForm(session, trans, 'execution'), session);
    }
    return button.accept ? value : null;
  }
}
