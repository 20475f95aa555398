/** Applies a kernel's messages to a cell's outputs, as JupyterLab's output area does. */
import type { IOutput } from '@jupyterlab/nbformat';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import type { KernelMessage } from '@jupyterlab/services';

const SHOWN = ['stream', 'display_data', 'execute_result', 'error'];
const WITH_DISPLAY_ID = ['display_data', 'execute_result', 'update_display_data'];

/** The part of an output area's model that folding needs. */
export type IFolded = Pick<IOutputAreaModel, 'length' | 'add' | 'clear' | 'set'>;

export class Folding {
  constructor(
    private _outputs: IFolded,
    displays: Readonly<Record<string, readonly number[]>> = {},
    private _isClearPending = false
  ) {
    for (const [id, places] of Object.entries(displays)) {
      this._displays.set(id, [...places]);
    }
  }

  /** Whether messages of other runs may change what is shown. */
  get hasDisplays(): boolean {
    return this._displays.size > 0;
  }

  /** Go on in another model with the same outputs. */
  goTo(outputs: IFolded): void {
    this._outputs = outputs;
  }

  /** Apply a message of the run itself. */
  take(message: KernelMessage.IIOPubMessage): void {
    this.update(message);
    const type = message.header.msg_type;
    if (type === 'clear_output') {
      this._clear((message as KernelMessage.IClearOutputMsg).content.wait);
    } else if (SHOWN.includes(type)) {
      this._add({ ...message.content, output_type: type }, displayId(message), type);
    }
  }

  /** Apply what any run's message changes of what is shown. */
  update(message: KernelMessage.IIOPubMessage): void {
    const id = displayId(message);
    if (id === null || !WITH_DISPLAY_ID.includes(message.header.msg_type)) {
      return;
    }
    for (const place of this._displays.get(id) ?? []) {
      if (place < this._outputs.length) {
        this._outputs.set(place, { ...message.content, output_type: 'display_data' });
      }
    }
  }

  private _clear(wait: boolean): void {
    this._outputs.clear(wait);
    this._isClearPending = wait;
    if (!wait) {
      this._displays.clear();
    }
  }

  private _add(output: IOutput, id: string | null, type: string): void {
    if (this._isClearPending) {
      this._isClearPending = false;
      this._displays.clear();
    }
    this._outputs.add(output);
    if (id !== null && type === 'display_data') {
      const places = this._displays.get(id) ?? [];
      this._displays.set(id, [...places, this._outputs.length - 1]);
    }
  }

  private readonly _displays = new Map<string, number[]>();
}

function displayId({ content }: KernelMessage.IIOPubMessage): string | null {
  const { transient } = content as { transient?: { display_id?: unknown } };
  return typeof transient?.display_id === 'string' ? transient.display_id : null;
}
