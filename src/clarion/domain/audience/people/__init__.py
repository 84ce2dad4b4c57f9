"""Single people: everything that is known about one, told or erased, whatever slice keeps it.

    registry ← holders (audience, events, segments, campaigns, messaging …), each for the tables it owns
    show, export  ask every holder
    erase         a job that asks every holder, recorded without saying who it was

A slice that keeps something about people registers a `holder.Holder` where everything is built (`server.system`).
"""
