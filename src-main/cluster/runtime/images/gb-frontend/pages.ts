/** The files under /var/www/html of the guestbook. They need nothing from outside, so that a browser shows them. */

const INDEX = `<html>
  <head>
    <title>Guestbook</title>
    <meta charset="utf-8">
    <style>
      body { font-family: sans-serif; width: 50%; margin: 2em; }
      input { width: 100%; font-size: 1em; padding: 0.4em; }
    </style>
  </head>
  <body>
    <h2>Guestbook</h2>
    <form id="entry">
      <fieldset style="border: 0">
        <input id="message" placeholder="Messages" name="input"><br><br>
        <button type="submit">Submit</button>
      </fieldset>
    </form>
    <div id="messages"></div>
    <script src="controllers.js"></script>
  </body>
</html>
`

const CONTROLLERS = `const messages = []

function show() {
  const list = document.getElementById('messages')
  list.replaceChildren(...messages.filter(Boolean).map((text) => {
    const line = document.createElement('div')
    line.textContent = text
    return line
  }))
}

async function call(query) {
  const answer = await fetch('guestbook.php?' + new URLSearchParams(query))
  return answer.json()
}

document.getElementById('entry').addEventListener('submit', async (event) => {
  event.preventDefault()
  const input = document.getElementById('message')
  messages.push(input.value)
  input.value = ''
  await call({ cmd: 'set', key: 'messages', value: messages.join(',') })
  show()
})

call({ cmd: 'get', key: 'messages' }).then(({ data }) => {
  messages.push(...data.split(','))
  show()
})
`

const GUESTBOOK = `<?php
// Runs inside the server: cmd=set&key=K&value=V writes to redis-leader, cmd=get&key=K reads from redis-follower.
`

/** Paths to texts. */
export const PAGES: Readonly<Record<string, string>> = {
  '/index.html': INDEX,
  '/controllers.js': CONTROLLERS,
  '/guestbook.php': GUESTBOOK,
}
