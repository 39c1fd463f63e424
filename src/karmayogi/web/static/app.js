// Enhancement only: every page works without this file.

// 1 Escape and a press elsewhere close an open header menu; Escape gives the focus back.
const menus = () => document.querySelectorAll('.tools details[open]');
addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  menus().forEach((menu) => {
    menu.open = false;
    menu.firstElementChild.focus();
  });
});
addEventListener('click', (event) => {
  menus().forEach((menu) => menu.contains(event.target) || (menu.open = false));
});

// 2 A form sent twice in one breath is sent once.
addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = 1;
  setTimeout(() => delete form.dataset.sent, 2000);
});

// 3 A clock counts down from what the server said; the server decides.
const clock = document.querySelector('[data-seconds-left]');
if (clock) {
  const end = Date.now() + 1000 * clock.dataset.secondsLeft;
  setInterval(() => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  }, 1000);
}

// 4 <section id data-refresh="seconds"> asks for the page again and takes its own new state, until it lacks the mark.
const refresh = async (part) => {
  const answer = await fetch(location.href).catch(() => null);
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById(part.id);
    if (fresh) {
      part.replaceWith(fresh);
      part = fresh;
    }
  }
  wait(part);
};
const wait = (part) => part?.dataset.refresh && setTimeout(refresh, 1000 * part.dataset.refresh, part);
wait(document.querySelector('[data-refresh]'));
