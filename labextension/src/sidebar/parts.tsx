/** The small pieces that the sidebar is made of. */
import { caretDownIcon, caretRightIcon, type LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

export interface IButtonProps {
  label: string;
  onClick: () => void;
  /** What it is about, for those who don't see what stands beside it. */
  about?: string;
  disabled?: boolean;
  icon?: LabIcon;
  /** Show the icon alone. */
  iconOnly?: boolean;
  kind?: 'main' | 'plain';
  title?: string;
}

export function Button(props: IButtonProps): React.JSX.Element {
  const {
    label,
    onClick,
    about,
    disabled,
    icon,
    iconOnly,
    kind = 'plain',
    title
  } = props;
  return (
    <button
      type="button"
      className={`jp-SessionExport-button jp-mod-${kind}`}
      aria-label={about === undefined ? (iconOnly ? label : undefined) : about}
      // One with `disabled` would lose the focus for good when it is pressed by keyboard.
      aria-disabled={disabled || undefined}
      title={title ?? (iconOnly ? (about ?? label) : undefined)}
      onClick={disabled ? undefined : onClick}
    >
      {icon && <icon.react tag="span" className="jp-SessionExport-icon" />}
      {!iconOnly && <span>{label}</span>}
    </button>
  );
}

export interface ILinkProps {
  href: string;
  /** What the browser names the file. */
  filename: string;
  about: string;
  icon: LabIcon;
}

/** A link that downloads; an icon alone. */
export function DownloadLink(props: ILinkProps): React.JSX.Element {
  const { href, filename, about, icon: Icon } = props;
  return (
    <a
      className="jp-SessionExport-button jp-mod-plain"
      href={href}
      download={filename}
      aria-label={about}
      title={about}
    >
      <Icon.react tag="span" className="jp-SessionExport-icon" />
    </a>
  );
}

export interface IFoldProps {
  label: string;
  isOpen: boolean;
  onToggle: () => void;
  /** Stands beside the label, outside of the button. */
  beside?: React.ReactNode;
  /** The level of the heading; none where it is absent. */
  level?: 3 | 4;
  children?: React.ReactNode;
}

/** A heading that shows and hides what is below it. */
export function Fold(props: IFoldProps): React.JSX.Element {
  const { label, isOpen, onToggle, beside, level, children } = props;
  const id = React.useId();
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  const button = (
    <button
      type="button"
      className="jp-SessionExport-fold"
      aria-expanded={isOpen}
      aria-controls={isOpen ? id : undefined}
      onClick={onToggle}
    >
      <Caret.react tag="span" className="jp-SessionExport-icon" />
      <span>{label}</span>
    </button>
  );
  return (
    <>
      <div className="jp-SessionExport-foldLine">
        {level === undefined ? button : React.createElement(`h${level}`, {}, button)}
        {beside}
      </div>
      {isOpen && <div id={id}>{children}</div>}
    </>
  );
}

/** A fold that remembers by itself whether it is open. */
export function OwnFold(
  props: Omit<IFoldProps, 'isOpen' | 'onToggle'> & { startsOpen?: boolean }
): React.JSX.Element {
  const { startsOpen = false, ...rest } = props;
  const [isOpen, setOpen] = React.useState(startsOpen);
  return (
    <Fold
      {...rest}
      isOpen={isOpen}
      onToggle={() => {
        setOpen(!isOpen);
      }}
    />
  );
}

/** How far something is; `percent` is null while nobody knows. */
export function Bar(props: { percent: number | null; label: string }): React.JSX.Element {
  const { percent, label } = props;
  const value = percent === null ? undefined : Math.floor(percent);
  return (
    <div
      className="jp-SessionExport-bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={value}
      data-unknown={percent === null || undefined}
    >
      <div style={{ width: `${percent ?? 0}%` }} />
    </div>
  );
}

/** Something that went wrong, or that has been done. */
export function Message(props: {
  kind: 'done' | 'failed';
  text: string;
  children?: React.ReactNode;
}): React.JSX.Element {
  const { kind, text, children } = props;
  return (
    <div
      className="jp-SessionExport-message"
      role={kind === 'failed' ? 'alert' : 'status'}
      data-kind={kind}
    >
      <span className="jp-SessionExport-messageText">{text}</span>
      {children}
    </div>
  );
}
