// A panel and the states that every panel has: loading, empty, not enough data, error, and old data with its time.

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { wallTime } from '../format.ts'
import type { Shape } from '../marks.ts'
import { liveness, retry, staleSince, status } from '../state.ts'
import { ShapeMark } from './marks.tsx'

type PanelProps = {
  id: string
  title: string
  /** What the panel lacks; null when it has something to show. */
  lack?: Lack | null
  tools?: ComponentChildren
  children?: ComponentChildren
}

export type Lack = {
  what: string
  command?: string | undefined
  /** A dash unless it is worse. */
  shape?: Shape
  retry?: () => void
  /** It is asked for: nothing to read yet. */
  isLoading?: boolean
}

export function Panel({ id, title, lack = null, tools, children }: PanelProps) {
  const oldSince = staleSince.value
  return (
    <section id={id} class={`panel${oldSince === null ? '' : ' is-old'}`} aria-labelledby={`${id}-title`}>
      <header class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {oldSince !== null && (
          <span class="old">
            <ShapeMark shape="warn" /> as of {wallTime(oldSince)}
          </span>
        )}
        <div class="tools">{tools}</div>
      </header>
      <div class="panel-body">
        <Content lack={lack}>{children}</Content>
      </div>
    </section>
  )
}

function Content({ lack, children }: { lack: Lack | null; children: ComponentChildren }) {
  if (status.value === null) return liveness.value.is === 'offline' ? <NoAnswer /> : <Skeleton />
  if (lack === null) return children
  if (lack.isLoading) return <Skeleton />
  return (
    <div class="lack">
      <ShapeMark shape={lack.shape ?? 'none'} />
      <p>{lack.what}</p>
      {lack.command && <Command text={lack.command} />}
      {lack.retry && (
        <span class="lack-actions">
          <button type="button" onClick={lack.retry}>
            try now
          </button>
          <Copy text={lack.what} name="copy details" />
        </span>
      )}
    </div>
  )
}

/** Shown only after 200 ms (by the style sheet), so that a quick answer does not flicker. */
export function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label="loading">
      <span />
      <span />
      <span />
    </div>
  )
}

function NoAnswer() {
  return (
    <div class="lack">
      <ShapeMark shape="bad" />
      <p>Nothing came from the server yet.</p>
      <button type="button" onClick={retry}>
        try now
      </button>
    </div>
  )
}

export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      <code>{text}</code>
      <Copy text={text} name="copy" />
    </div>
  )
}

function Copy({ text, name }: { text: string; name: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true))
  }
  return (
    <button type="button" onClick={copy} disabled={!navigator.clipboard}>
      {isCopied ? 'copied' : name}
    </button>
  )
}

type SegmentedProps<T extends string> = {
  label: string
  /** '' when none of them holds. */
  value: T | ''
  options: readonly { value: T; text: string }[]
  onChange: (value: T) => void
}

/** One of a few; buttons that say which is pressed. */
export function Segmented<T extends string>({ label, value, options, onChange }: SegmentedProps<T>) {
  return (
    <div class="segmented" role="group" aria-label={label}>
      {options.map(option => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  )
}

/** `<kbd>` hints are for the eye; the button's own name says what it does. */
export function Key({ of }: { of: string }) {
  return <kbd aria-hidden="true">{of}</kbd>
}
