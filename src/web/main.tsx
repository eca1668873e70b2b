import { render } from 'preact'
import { listenToKeys } from './keys.ts'
import { Page } from './parts/page.tsx'
import { start } from './state.ts'

start()
listenToKeys()
const place = document.getElementById('page')
if (place) render(<Page />, place)
