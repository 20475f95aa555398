/** What a run asks by `input()` that was asked in another page, where nobody can answer any more. */
import { InputDialog, type Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { INotifier } from '../toast';
import type { IQuestion } from './contract';

export interface IQuestionsOptions {
  notifier: Pick<INotifier, 'dismiss' | 'notify'>;
  /** The notebook's. */
  name: () => string;
  /** Send it to the kernel. */
  answer: (text: string) => void;
  trans: TranslationBundle;
}

export class Questions implements IDisposable {
  constructor(private readonly options: IQuestionsOptions) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** A cell waits for the answer. */
  tell(cellId: string, question: IQuestion): void {
    this.over(cellId);
    const { name, notifier, trans } = this.options;
    const text = trans.__(
      '%1: A cell has asked in a page that is closed, and waits for the answer: %2',
      name(),
      question.prompt
    );
    const action = {
      label: trans.__('Answer…'),
      callback: () => void this._ask(question)
    };
    const id = notifier.notify(text, 'warning', { autoClose: false, actions: [action] });
    this._told.set(cellId, id);
  }

  /** A cell waits for no answer any more. */
  over(cellId: string): void {
    const id = this._told.get(cellId);
    if (id !== undefined) {
      this._told.delete(cellId);
      this.options.notifier.dismiss(id);
    }
  }

  dispose(): void {
    this._isDisposed = true;
    [...this._told.keys()].forEach(cellId => {
      this.over(cellId);
    });
  }

  private async _ask({ password, prompt }: IQuestion): Promise<void> {
    const { answer, name, trans } = this.options;
    const asked = {
      title: name(),
      label: prompt,
      okLabel: trans.__('Answer')
    };
    const { button, value }: Dialog.IResult<string> = password
      ? await InputDialog.getPassword(asked)
      : await InputDialog.getText(asked);
    if (button.accept && !this._isDisposed) {
      answer(value ?? '');
    }
  }

  private _isDisposed = false;
  /** The notification of each cell. */
  private readonly _told = new Map<string, string>();
}
