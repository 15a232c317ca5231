/* Everything the pages do in the browser beyond links and forms. Each module does one thing, looks for its own hook
   and does nothing on pages without it; every page works without all of them.

   Hook                                        Module          What it does
   html[data-shortcuts="off"]                  shortcuts       nothing then: the person turned the keys off
   [aria-keyshortcuts="Alt+Shift+N"]           shortcuts       the keys press it; a field gets the focus
   a[data-beside]                              beside          opens what it leads to beside the list
   a[data-choose], [data-chosen] in #rangees   choose          chooses all rows or none; says how many are chosen
   form[data-draft="/address"]                 draft           posts the form there while one types
   form[data-saved="1764000000.5"]             draft           when the server kept what it shows, in seconds
   body[data-person="…"]                       draft           whose tab's copies are given back
   [data-failure]                              draft           this page does not prove that a form arrived
   [data-draft-status] (in that form)          draft           « Brouillon enregistré à 10 h 51 »
   [data-files] around an input[type=file]     files           French button, names of the chosen files
   [data-files="/address"]                     files           sends them there at once, then swaps this element
   a[href="#x"] to dialog#x                    dialog          opens it as a modal window; Escape, focus given back
   details.menu                                menu            Escape and a click elsewhere close it
   body[data-live] or main[data-live]          live            listens to /flux; value: an incident number, or empty for any
   [data-fragment] with an id                  live            replaced by itself from the same address
   [data-incident="1181106_0230"]              live            whose it is: only replaced by a fragment about the same one
   [data-watched="1181106_0230"]               live            the incident at which one is seen by other agents
   [data-announce="En cours"]                  live            what is said then (the first one of the page)
   [data-live-status] role=status              live            where it is said
   form[data-journey] with a slider            journey         puts the step that the slider stands at in place
   a[data-step="3"]                            journey         does the same for that step
   [data-journey-status] role=status           journey         where the step of a link is said
   button[data-insert="field"] with a select   canned          puts the chosen option's data-text into that field
   input or select[data-lookup="/address"]     lookup          fetches address?name=… while one types or chooses
   [data-lookup-result]                        lookup          receives the answer
   form[data-suggestions="/address"]           suggestions     posts subject and description there while one types
   [data-suggestions-result]                   suggestions     receives the answer
   .tabs a[href^="#"]                          tabs            the one that was followed says so
   form[data-theme-form]                       theme           radios named theme take effect at once
   form (any with method=post)                 once            a second click sends nothing
   [data-print]                                print           hidden until there is a script; prints */
import "./beside.js";
import "./canned.js";
import "./choose.js";
import "./dialog.js";
import "./draft.js";
import "./files.js";
import "./journey.js";
import "./live.js";
import "./lookup.js";
import "./menu.js";
import "./once.js";
import "./print.js";
import "./shortcuts.js";
import "./suggestions.js";
import "./tabs.js";
import "./theme.js";
