/* Matching: finds organisations by what somebody typed, in the browser, from the site's own files. Nothing here
 * touches a page. The files are described in generator/rendering/finder.py; finder_box.js reads and shows them. */
(() => {
  "use strict";

  // One spelling of words that people and registers write in several ways.
  const SAME = new Map(Object.entries({
    saint: "st", street: "st", rd: "road", ave: "avenue", ln: "lane", pk: "park", hse: "house",
    center: "centre", ctr: "centre", hlth: "health", med: "medical",
    practise: "practice", pract: "practice", practices: "practice", surgeries: "surgery",
    doctors: "doctor", dr: "doctor", drs: "doctor", associates: "partners",
  }));
  const IGNORED = new Set("a and at in near of on the".split(" "));
  // People often swap these: "Park Practice" for Park Surgery.
  const LOOSE = new Set(("centre clinic doctor family gp group health hospital medical nhs partners partnership " +
    "practice surgery trust").split(" "));
  const FARTHEST = 100; // miles: whatever is farther is not near
  const LACK = 3, LACK_TOWN = 12; // slips that a word counts for which a row does not have at all
  const NAMED = 10, IN_TOWN = 8, TOGETHER = 2; // what a word counts for in a name, in a town, with the next one
  const CLOSED = 9, PARTLY_AREA = 5; // what these are set back by: less than for a word of the name
  const EXACT = 0, WHOLE_NAME = 1, EVERY_WORD = 2, PART = 3, MISTYPED = 4; // tiers of a match, best first

  // ---- Matching ---------------------------------------------------------------------------------------------------

  /** Small letters and figures only, words parted by single spaces; as _plain in finder.py. */
  function plain(text) {
    const letters = text.normalize("NFD").toLowerCase().replace(/['’‘`\u0300-\u036f]/g, "");
    return letters.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }
  const squeeze = (text) => text.replace(/ /g, "");
  const wordsOf = (text) => plain(text).split(" ").filter(Boolean).map((word) => SAME.get(word) || word);

  /** The words of a text that have another spelling, as they were written: somebody may be half way through one. */
  const longForms = (text) => plain(text).split(" ").filter((word) => SAME.has(word));
  /** Whether a word is a kind of place, or the beginning of one. */
  const isLoose = (word) => LOOSE.has(word) || (word.length > 3 && [...LOOSE].some((kind) => kind.startsWith(word)));

  /** Organisations in memory, searchable as soon as their names have come, by address once that has come too. */
  class Finder {
    constructor(manifest) {
      this.kinds = manifest.kinds;
      this.services = manifest.services;
      this.rows = [];
      this.byCode = new Map();
      this.areas = new Map(); // code -> its name, and the code of the area above it
      this.outward = new Set(); // first halves of known postcodes
      this.towns = new Set(); // between spaces
      this.centres = new Map(); // of outward codes and sectors
      this.forget();
    }

    /** Forget the words that mistyped ones are compared with; they are gathered while nothing happens. */
    forget() {
      this.places = new Map();
      this.indexed = 0;
    }

    /** Take in a shard's first file; return its rows, for the second. */
    add(shard) {
      const { codes, above, of } = shard.area;
      const names = new Map(shard.code.map((code, i) => [code, shard.name[i]]));
      const texts = shard.area.texts.map((text, i) => text || names.get(codes[i]) || "");
      codes.forEach((code, i) => this.areas.set(code, { name: texts[i], above: codes[above[i]] }));
      return shard.code.map((code, i) => {
        const known = this.byCode.get(code);
        if (known) return known;
        const kind = this.kinds[shard.kind[i]];
        const row = {
          code, name: shard.name[i], postcode: shard.postcode[i], kind: kind.kind, kindLabel: kind.label,
          isArea: kind.folder === "areas/", town: shard.town.texts[shard.town.of[i]],
          areaCode: codes[of[i]], area: texts[of[i]],
          status: { o: "", c: "closed", m: "merged" }[shard.status[i]], address: "", services: "", serviceIds: [],
          phone: "", accepting: "", happened: "", otherAreas: [], url: `${kind.folder}${code.toLowerCase()}/`,
          position: shard.latitude && shard.latitude[i] !== null ? [shard.latitude[i], shard.longitude[i]] : null,
          isMiddle: !!shard.placed && shard.placed[i] === "m", // of its postcode: where it is there is not known
        };
        const words = wordsOf(row.name);
        row.nameText = words.join(" ");
        row.nameRun = words.join("");
        row.nameEnd = row.nameText.length + 2;
        row.nameSize = Math.max(1, new Set(words.filter((word) => !IGNORED.has(word))).size);
        row.townText = ` ${wordsOf(row.town).join(" ")} `;
        this.towns.add(row.townText);
        row.compactCode = squeeze(plain(code));
        row.plainPostcode = plain(row.postcode);
        this.outward.add(row.plainPostcode.split(" ")[0]);
        this.byCode.set(code, row);
        this.rows.push(row);
        this.prepare(row);
        return row;
      });
    }

    /** Take in a shard's second file: addresses and services of the rows of the first. */
    describe(rows, more) {
      rows.forEach((row, i) => {
        row.address = more.address[i];
        if (more.phone) row.phone = more.phone[i];
        if (more.accepting) row.accepting = { y: "accepting", n: "not_accepting", "-": "" }[more.accepting[i]];
        if (more.happened) row.happened = more.happened[i] || "";
        if (more.areas) row.otherAreas = more.areas.texts[more.areas.of[i]].split(" ");
        if (more.services) {
          row.serviceIds = more.services.texts[more.services.of[i]].split(" ").filter(Boolean);
          row.services = row.serviceIds.map((id) => this.services[id]).join("; ");
        }
        this.prepare(row);
      });
      this.forget();
    }

    addCentres(file) {
      file.postcode.forEach((postcode, i) => {
        this.centres.set(plain(postcode), [file.latitude[i], file.longitude[i]]);
        this.outward.add(plain(postcode).split(" ")[0]);
      });
    }

    /** Set what a row is searched by: its words, name first, each between spaces, postcode halves side by side. */
    prepare(row) {
      const place = `${row.address || row.town} ${row.area} ${row.services}`;
      const words = [...wordsOf(place), "|", ...longForms(`${row.name} ${place}`)].join(" ");
      row.text = ` ${row.nameText} | ${words} ${row.compactCode} ${row.plainPostcode} `;
    }

    /** Return the matches of a query, best first: {matches: [{row, miles?}], near, isPlaced}.
     *  `near` names the place measured from, "" where it is the reader's own or none is known.
     *  `wanted` may hold kind, area, service, accepting, miles and position ([latitude, longitude]). */
    search(text, wanted = {}) {
      const query = this.read(text);
      const isAsked = query.runOn.length > 1, keeps = (row) => this.isWanted(row, wanted);
      if (!isAsked && !wanted.position && !isChoosy(wanted)) return { matches: [], near: "", isPlaced: false };
      const { words, full, sector, outward } = query;
      const isExact = (row) => row.compactCode === query.runOn || (!words.length && full && row.plainPostcode === full);
      const exact = isAsked ? this.rows.filter(isExact) : [];
      const place = (full && exact.length && exact[0].position) ||
        this.centres.get(sector) || this.centres.get(outward);
      const from = place || wanted.position;
      if (from) {
        const near = place ? (full || sector || outward).toUpperCase() : "";
        return { matches: this.nearest(query, exact, from, wanted, keeps), near, isPlaced: true };
      }
      // Without a map: the whole postcode, else its sector, its first half, its district, else the words anywhere.
      let found = [];
      const district = outward.replace(/\D+$/, ""), letters = outward.replace(/\d.*/, "");
      for (const postcode of outward ? [full, sector, outward, district, letters] : [""]) {
        if (!found.length && (postcode || !outward)) found = this.matching(query, postcode);
      }
      if (!found.length && outward) found = this.matching(query, "");
      if (!isAsked) found = this.rows.map((row) => ({ row, tier: EVERY_WORD, score: 0 }));
      const matches = ranked(found.concat(asExact(exact))).filter(({ row }) => keeps(row));
      return { matches, near: "", isPlaced: false };
    }

    /** Whether a row is what the reader narrowed the search down to. */
    isWanted(row, { kind, area, service, accepting }) {
      return (!kind || row.kind === kind) && (!area || this.isInside(row, area)) &&
        (!service || row.serviceIds.includes(service)) && (!accepting || row.accepting === "accepting");
    }

    /** Whether a row lies in an area, through all areas between; or in one of another tree. */
    isInside(row, area) {
      if (row.otherAreas.includes(area)) return true;
      const passed = new Set(); // a circle of areas would never end
      for (let code = row.areaCode; code && !passed.has(code); code = (this.areas.get(code) || {}).above) {
        if (code === area) return true;
        passed.add(code);
      }
      return false;
    }

    /** Part a query into a postcode, whole or begun, with or without its space, and the other words. */
    read(text) {
      const words = this.withPostcodesJoined(wordsOf(text));
      const query = { words: [], runOn: words.join(""), full: "", sector: "", outward: "" };
      for (let i = 0; i < words.length; i++) {
        const place = query.outward ? null : this.postcodeAt(words, i);
        if (place) {
          Object.assign(query, place);
          i += place.taken - 1;
        } else if (!query.words.includes(words[i])) query.words.push(words[i]);
      }
      return query;
    }

    /** Join the halves of a postcode's first half: bs 5 is BS5. */
    withPostcodesJoined(words) {
      const joined = [];
      for (const word of words) {
        const before = joined[joined.length - 1] || "";
        if (/^\d/.test(word) && /^[a-z]{1,2}$/.test(before) && this.outward.has(before + word)) joined.pop();
        else { joined.push(word); continue; }
        joined.push(before + word);
      }
      return joined;
    }

    postcodeAt(words, i) {
      const two = i + 1 < words.length ? `${words[i]} ${words[i + 1]}` : "";
      const shape = /^([a-z]{1,2}\d[a-z\d]?) ?(\d)([a-z]{0,2})$/;
      let taken = 2, parts = shape.exec(two);
      if (!parts || !(this.outward.has(parts[1]) || parts[3].length === 2)) {
        taken = 1;
        const isOutward = /\d/.test(words[i]) && this.outward.has(words[i]);
        if (isOutward) return { outward: words[i], sector: "", full: "", taken };
        parts = shape.exec(words[i]);
      }
      if (!parts || !(this.outward.has(parts[1]) || parts[3].length === 2)) return null;
      const sector = `${parts[1]} ${parts[2]}`;
      return { outward: parts[1], sector, full: parts[3].length ? sector + parts[3] : "", taken };
    }

    /** Every row that fits the words and lies in the postcode, part of one, or anywhere (""). */
    matching(query, postcode) {
      const only = query.words.every((word) => IGNORED.has(word) || LOOSE.has(word));
      const last = query.words.length - 1; // perhaps not yet typed to its end
      const words = query.words.map((word, i) => asWord(
        word, only || !(IGNORED.has(word) || LOOSE.has(word) || (i && i === last && isLoose(word))),
        i < last && ` ${word} ${query.words[i + 1]}`,
      ));
      const isFigure = (sign) => /\d/.test(sign);
      const isEnd = !postcode || postcode.includes(" ") || postcode === query.outward;
      const area = postcode && postcode === query.outward ? `${postcode} ` : postcode;
      const goesOn = ({ plainPostcode }) => // SW1V is a part of SW1, and SW1 of SW; SW15 is not a part of SW1
        isEnd || isFigure(plainPostcode[area.length]) !== isFigure(area[area.length - 1]);
      const inside = (row) => row.plainPostcode.startsWith(area) && goesOn(row);
      if (!words.length && !postcode) return [];
      const found = [];
      for (const row of this.rows) {
        const match = inside(row) && rate(row, words);
        if (match) found.push(match);
      }
      const run = query.words.join("");
      if (run.length > 4) { // Parkview is Park View
        for (const row of this.rows) {
          const isJoined = query.words.length > 1;
          if (row.nameRun.includes(run) && inside(row)) {
            found.push({ row, tier: isJoined ? EVERY_WORD : PART, score: isJoined ? NAMED : 0 });
          }
        }
      }
      return found.length ? found : this.mistyped(words).filter((match) => inside(match.row));
    }

    /** Rows that hold each word, or one that differs from it by a slip or two; where nobody does, rows that hold all
     *  but one, and those in the town that was typed. Rated by the words meant. */
    mistyped(words) {
      const found = this.slipped(words, 0), needed = words.filter((item) => item.isNeeded);
      if (found.length || needed.length < 2) return found;
      const town = this.townIn(words), there = town ? this.rows.filter((row) => row.townText === town) : [];
      const anyhow = words.map((item) => ({ ...item, isNeeded: false }));
      return this.slipped(words, 1, town).concat(there.map((row) => {
        const missing = needed.filter(({ begin }) => !row.text.includes(begin)).length;
        return { row, tier: MISTYPED, score: rate(row, anyhow).score - 10 * EVERY_WORD - 5 * LACK * missing };
      }));
    }

    /** The town that is typed, between spaces; the longest of several. */
    townIn(words) {
      let longest = "";
      words.forEach((_, from) => {
        for (let to = from + 1; to <= words.length; to++) {
          const run = ` ${words.slice(from, to).map((item) => item.word).join(" ")} `;
          if (this.towns.has(run) && run.length > longest.length) longest = run;
        }
      });
      return longest;
    }

    slipped(words, mayLack, town = "") {
      let done = 0, lacked = 0;
      let fitting = new Map(); // row -> the words meant so far, how many slips that takes, words it lacks
      words.forEach((item, position) => {
        if (!item.isNeeded) return;
        const next = new Map(), letters = lettersOf(item.word), allowed = slipsAllowed(item.word);
        const isLast = position === words.length - 1; // and so, perhaps, not yet typed to its end
        const lack = town.includes(item.whole) ? LACK_TOWN : LACK; // elsewhere is rarely meant
        const fresh = done <= mayLack ? { slips: lacked, meant: [], lacking: done } : null;
        for (const [candidate, place] of this.vocabulary()) {
          const isBegin = candidate.startsWith(item.word);
          if (!isBegin && bits(letters & ~place.letters) > allowed) continue; // too many letters it does not have
          const slips = isBegin ? 0 : slipsBetween(item.word, candidate, isLast);
          if (slips === Infinity) continue;
          for (const row of place.rows) {
            const before = fitting.get(row) || fresh;
            const known = next.get(row);
            if (!before || (known && known.slips <= before.slips + slips)) continue;
            const meant = [...before.meant, asWord(candidate, true)];
            next.set(row, { slips: before.slips + slips, meant, lacking: before.lacking });
          }
        }
        for (const [row, { slips, meant, lacking }] of fitting) {
          if (!next.has(row) && lacking < mayLack) next.set(row, { slips: slips + lack, meant, lacking: lacking + 1 });
        }
        fitting = next;
        lacked += lack;
        done++;
      });
      const others = words.filter((item) => !item.isNeeded);
      return [...fitting].map(([row, { slips, meant }]) => {
        const { tier, score } = rate(row, meant.concat(others));
        return { row, tier: MISTYPED, score: score - 5 * slips - 10 * tier };
      });
    }

    /** Every word with the rows it is in, complete; or, to prepare in small steps, those of so many rows more. */
    vocabulary(steps = Infinity) {
      for (let left = steps; left > 0 && this.indexed < this.rows.length; left--) {
        const row = this.rows[this.indexed++];
        for (const word of new Set(row.text.split(" "))) {
          if (word.length < 2) continue;
          if (!this.places.has(word)) this.places.set(word, { rows: [], letters: lettersOf(word) });
          this.places.get(word).rows.push(row);
        }
      }
      return this.places;
    }

    /** Those that have the very postcode, then those near it: open ones first, nearest first. */
    nearest(query, exact, from, wanted, keeps) {
      const { words, full, sector, outward } = query;
      const pool = words.length ? this.matching(query, "") : this.rows.map((row) => ({ row }));
      const matches = [];
      for (const { row } of pool) {
        if (!keeps(row)) continue;
        const position = row.isArea || exact.includes(row) ? null : row.position;
        const miles = position ? milesBetween(from, position) : NaN;
        // Of a row known by its postcode's middle alone no distance from there can be told.
        const within = row.isMiddle && miles === 0 ? outward.toUpperCase() : "";
        if (words.length && row.plainPostcode === full) exact.push(row);
        else if (miles < (wanted.miles || FARTHEST)) matches.push({ row, miles, within });
      }
      const isInSector = (row) => sector && row.plainPostcode.startsWith(sector);
      matches.sort((a, b) => !!a.row.status - !!b.row.status || a.miles - b.miles ||
        !!isInSector(b.row) - !!isInSector(a.row) || byName(a, b));
      const near = matches.filter(({ miles }) => miles < (words.length ? 50 : 15));
      const enough = wanted.miles ? matches : near.length ? near : matches.slice(0, 10);
      return ranked(asExact(exact.filter(keeps))).concat(enough);
    }

    /** The first half of the postcode whose middle is nearest to a position; "" where none is known. */
    outwardNear(position) {
      let best = "", least = FARTHEST;
      for (const [postcode, centre] of this.centres) {
        const miles = milesBetween(position, centre);
        if (miles < least) [best, least] = [postcode.split(" ")[0], miles];
      }
      return best;
    }
  }

  /** Whether the reader narrowed the search down by more than a distance. */
  const isChoosy = ({ kind, area, service, accepting }) => !!(kind || area || service || accepting);

  /** `pair` is the word with the next one, where there is one. */
  function asWord(word, isNeeded, pair = "") {
    return { word, isNeeded, isIgnored: IGNORED.has(word), begin: ` ${word}`, whole: ` ${word} `, pair };
  }

  /** Whether a row's town is among the words. */
  function isThere({ townText }, words) {
    if (townText.length < 3) return false;
    return words.some(({ begin }) => townText.startsWith(`${begin} `)) &&
      ` ${words.map(({ word }) => word).join(" ")} `.includes(townText);
  }

  /** How well a row fits, or null where a needed word is missing. Words in the name count most, then the town's;
   *  whole ones more, and those that stand together. */
  function rate(row, words) {
    let points = 0, named = 0, together = 0, tier = EVERY_WORD;
    for (const { word, begin, whole, isNeeded, isIgnored, pair } of words) {
      let at = row.text.indexOf(whole);
      if (at >= 0) {
        if (pair && row.text.includes(pair)) together++;
        points += at < row.nameEnd ? 4 : 3;
        if (at < row.nameEnd && !isIgnored) named++;
      } else if ((at = row.text.indexOf(begin)) >= 0) points += at < row.nameEnd ? 3 : 2;
      else if (word.length > 2 && (at = row.text.indexOf(word)) >= 0 && at < row.nameEnd) tier = PART;
      else if (isNeeded) return null;
      else if (!isIgnored) tier = PART;
    }
    if (tier === EVERY_WORD && named >= row.nameSize) tier = WHOLE_NAME;
    const score = named * NAMED + named / row.nameSize + isThere(row, words) * IN_TOWN + together * TOGETHER;
    return { row, tier, score: score + points / (words.length || 1) };
  }

  /** Best first; of equally good ones those still open, then by name. Each row once. */
  function ranked(matches) {
    const best = new Map();
    for (const match of matches) {
      const { status, isArea } = match.row, isWhole = match.tier === WHOLE_NAME;
      match.rank = match.tier * 1000 - match.score + (status ? CLOSED : 0) + (isArea && !isWhole ? PARTLY_AREA : 0);
      if (!best.has(match.row) || best.get(match.row).rank > match.rank) best.set(match.row, match);
    }
    return [...best.values()].sort((a, b) => a.rank - b.rank || byName(a, b));
  }
  const asExact = (rows) => rows.map((row) => ({ row, tier: EXACT, score: 0 }));
  function byName({ row: a }, { row: b }) {
    if (a.name !== b.name) return a.name < b.name ? -1 : 1;
    return a.code < b.code ? -1 : 1;
  }
  function lettersOf(word) {
    let letters = 0;
    for (let i = 0; i < word.length; i++) letters |= 1 << (word.charCodeAt(i) & 31);
    return letters;
  }
  function bits(n) {
    let count = 0;
    for (; n; n &= n - 1) count++;
    return count;
  }

  /** Letters added, left out, changed or swapped between two words; Infinity where too many to be a slip.
   *  A word still being typed may end early, which counts for half a slip. */
  function slipsBetween(typed, word, isBegun) {
    const allowed = slipsAllowed(typed);
    if (!allowed || typed.length > word.length + allowed) return Infinity;
    if (!isBegun && word.length > typed.length + allowed) return Infinity;
    const until = Math.min(word.length, typed.length + allowed);
    let before = [], row = [];
    for (let j = 0; j <= until; j++) row.push(j);
    for (let i = 1; i <= typed.length; i++) {
      const next = [i];
      let least = i;
      for (let j = 1; j <= until; j++) {
        const same = typed[i - 1] === word[j - 1];
        const swapped = i > 1 && j > 1 && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1];
        let slips = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1));
        if (swapped) slips = Math.min(slips, before[j - 2] + 1);
        next.push(slips);
        if (slips < least) least = slips;
      }
      if (least > allowed) return Infinity;
      before = row;
      row = next;
    }
    const whole = until === word.length ? row[until] : Infinity;
    const slips = isBegun ? Math.min(whole, Math.min(...row) + 0.5) : whole;
    return Math.floor(slips) > allowed ? Infinity : slips;
  }
  /** Short words and codes are taken as typed: too much is like them. */
  function slipsAllowed(word) {
    if (/\d/.test(word) || word.length < 4) return 0;
    return word.length < 8 ? 1 : 2;
  }

  function milesBetween([latitude, longitude], [otherLatitude, otherLongitude]) {
    const radians = Math.PI / 180; // on a flat map: good enough for the distances shown
    const north = (otherLatitude - latitude) * radians;
    const east = (otherLongitude - longitude) * radians * Math.cos(((latitude + otherLatitude) / 2) * radians);
    return 3959 * Math.hypot(north, east);
  }

  globalThis.CandourFinder = { Finder, IGNORED, plain, squeeze, isChoosy };
})();
