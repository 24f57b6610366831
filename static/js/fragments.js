// The manual prints addresses whose last part stands after a #, which no server sees.

const WAYS = {
  "/yqfk/driver.html": { "": "/d", "/driversReserve": "/d" },
  "/mportal/index.html": {
    "": "/gate",
    "/": "/gate",
    "/login/phone": "/sign-in/phone",
    "/login/index": "/sign-in",
  },
  "/yqfk/index.html": {
    "": "/office",
    "/hcsj/hcqygl": "/office/enterprises",
    "/hcsj/hcsjtz": "/office/drivers",
    "/hcsj/yyhtxjl": "/office/reservations",
  },
};

const fragment = location.hash.replace(/^#/, "").split("?")[0];
const ways = WAYS[location.pathname] ?? {};
location.replace(ways[fragment] ?? ways[""] ?? "/");
