"""The official's own pages: home, competencies, plan, learning, checks, record, notices. Every row is the actor's."""
