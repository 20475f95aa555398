/** Where others keep outputs already: in a document that is shared, or with their own server. */
import { PageConfig } from '@jupyterlab/coreutils';

/** They keep the outputs of what runs in the server, where no page needs to be open. */
const KEEPERS = ['jupyter-server-nbmodel'];

/** The part of a notebook's context that tells. */
export interface IShareable {
  readonly model: { readonly collaborative?: boolean };
  /** With the name of its drive, where that isn't the server's own. */
  readonly path: string;
}

/** Tell whether outputs get into this notebook without us, and would be there twice. */
export function isKeptByOthers({ model, path }: IShareable): boolean {
  return Boolean(model.collaborative) || path.startsWith('RTC:') || hasKeeper();
}

function hasKeeper(): boolean {
  const found: unknown = JSON.parse(PageConfig.getOption('federated_extensions') || '[]');
  const names = Array.isArray(found) ? found.map(extension => nameOf(extension)) : [];
  return names.some(
    name =>
      KEEPERS.some(keeper => name.endsWith(keeper)) &&
      !PageConfig.Extension.isDisabled(name)
  );
}

function nameOf(extension: unknown): string {
  const { name } = (extension ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : '';
}
