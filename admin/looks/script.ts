/**
 * The pages' own script, as small as it is: times in the reader's zone, copy buttons, no polling by a page that nobody looks at, and
 * `aria-invalid` where a fault has appeared. Everything works without it, but for these.
 */
export const SCRIPT = `'use strict';
(() => {
  const locale = document.documentElement.lang;
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  function dress(root) {
    for (const time of root.querySelectorAll('time[datetime]')) {
      const local = full.format(new Date(time.dateTime));
      if (time.hasAttribute('data-clock')) time.textContent = local;
      else time.title = local;
    }
    for (const fault of root.querySelectorAll('.fault')) {
      const field = document.getElementById(fault.dataset.for);
      if (field) field.setAttribute('aria-invalid', String(fault.textContent !== ''));
    }
  }
  dress(document);
  document.addEventListener('htmx:after:swap', () => dress(document));
  document.addEventListener('htmx:before:request', (event) => {
    const source = event.detail && event.detail.ctx && event.detail.ctx.sourceEvent;
    if (document.hidden && source && source.type === 'every') event.preventDefault();
  });
  let typing;
  document.addEventListener('input', (event) => {
    const form = event.target.form;
    if (!form || form.id !== 'activation') return;
    clearTimeout(typing);
    typing = setTimeout(() => form.checkValidity() && form.dispatchEvent(new CustomEvent('complete')), 900);
  });
  document.addEventListener('submit', () => clearTimeout(typing), true);
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
})();
`;
