"""What campaigns find out: conversion goals, how treatments compare, and winners that are sent to the rest."""
