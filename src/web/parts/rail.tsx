// The pages, at the left of every page; below 900 pixels their marks alone.

import { type PageName, pages } from '../address.ts'
import { alertsOpen, goTo, page } from '../state.ts'

const marks: Record<PageName, string> = {
  live: 'M2 10h3l2.5-6 4 12 2.5-6h4',
  models: 'M10 2 17 6v8l-7 4-7-4V6zM3 6l7 4 7-4M10 10v8',
  drift: 'M2 15c3 0 3.5-10 6-10s3 10 6 10h4M2 17.5h16',
}

export function Rail() {
  return (
    <nav class="rail" aria-label="pages">
      {pages.map(({ name, title, path, key }) => (
        <a
          key={name}
          href={path}
          aria-current={page.value === name ? 'page' : undefined}
          aria-keyshortcuts={`g ${key}`}
          title={`${title} (g ${key})`}
          onClick={event => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return
            event.preventDefault()
            goTo(name)
          }}
        >
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d={marks[name]} />
          </svg>
          <span>{title}</span>
          {name === 'drift' && alertsOpen.value > 0 && (
            <b class="badge num">
              {alertsOpen.value}
              <span class="unseen"> open alerts</span>
            </b>
          )}
        </a>
      ))}
    </nav>
  )
}
