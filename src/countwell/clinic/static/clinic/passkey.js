// A passkey is asked for when the button is pressed; what it signed goes with the form. Without script a code is typed instead.
'use strict'
for (const button of document.querySelectorAll('button[data-passkey]')) {
  const form = button.form
  button.hidden = !webauthnJSON.supported()
  button.addEventListener('click', async (event) => {
    event.preventDefault()
    const options = JSON.parse(document.getElementById('passkey-options').textContent)
    try {
      const signed = await webauthnJSON[button.dataset.passkey](Object.values(options)[0])
      form.elements.credential.value = JSON.stringify(signed)
      form.submit()
    } catch {
      document.getElementById('passkey-failed').hidden = false
    }
  })
}
